"""Loaded by Python at the start of a server with this folder on PYTHONPATH: the power goes right after the commit."""

import os
import signal

from data.reports import check_ins

really_record = check_ins.record


def record_and_die(**answers):
    really_record(**answers)
    os.kill(os.getpid(), signal.SIGKILL)


check_ins.record = record_and_die
