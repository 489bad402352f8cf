"""Keeping Streamlit's garbage collection cheap."""

import gc
import itertools
import sys

_runs = itertools.count(1)
_modules_settled = 0


def settle() -> None:
    """Take all there is out of the collector's sight, whenever a run has imported more or the runs have doubled.

    Streamlit collects all generations after every script run, which walks every module ever imported; imports are
    lazy, so that freezing once at the start is undone by the first visitor and again by the first clinician. Caches,
    templates and compiled statements grow without an import, and ever less often.
    """
    global _modules_settled  # noqa: PLW0603 - one number for the process
    doubled = next(_runs).bit_count() == 1
    if doubled or len(sys.modules) != _modules_settled:
        _modules_settled = len(sys.modules)
        gc.unfreeze()  # what was frozen in the middle of a visit may be garbage now
        gc.collect()
        gc.freeze()
