"""Check-ins of every kind, sent as patients send them, and the files that an export makes of them."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

from data import clock
from data.files import exports
from data.reports import check_ins, receipts, registration
from data.staff import passphrase
from tests.app import PASSPHRASE

HERE = "192.0.2.1"
NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
KINDS = ("as sent", "none of these", "corrected", "withdrawn", "invited")


def send(*ticked, **changed):
    usual = {"key": check_ins.new_key(), "window": "4-24 h", "ticked": ticked, "none": not ticked, "recorded": NOON}
    return check_ins.record(**usual | changed)


def send_every_kind():
    """Store a check-in of each of `KINDS`, in this order; return their receipts and the invitation's code."""
    spanish = check_ins.Visit(door="plain", language="es")
    sent = [send("headache", "vision", visit=spanish), send(window=">7 d"), send("nausea"), send("bladder", "sleep")]
    receipts.correct(sent[2].receipt, HERE, ticked=["fatigue"])
    receipts.withdraw(sent[3].receipt, HERE)
    ended = clock.now() - timedelta(hours=1)
    _, code = registration.register(passphrase.sign_in(PASSPHRASE, HERE), ended=ended, number=1)
    sent.append(send("dizziness", window=None, code=code, recorded=clock.now()))
    return [*(one.receipt for one in sent), code]


def export(chosen, out, progress=lambda rows, _: nullcontext(rows)):
    """Export into a folder; return the text of each file by its name."""
    exports.export(chosen, out, progress)
    return {file.name: file.read_bytes().decode() for file in out.iterdir()}
