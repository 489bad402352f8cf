"""Keeping Streamlit's garbage collection cheap."""

import gc
import sys

_modules_settled = 0


def settle() -> None:
    """Take everything imported so far out of the collector's sight, whenever a run has imported more.

    Streamlit collects all generations after every script run, which walks every module ever imported; imports are
    lazy, so that freezing once at the start is undone by the first visitor and again by the first clinician.
    """
    global _modules_settled  # noqa: PLW0603 - one number for the process
    if len(sys.modules) != _modules_settled:
        _modules_settled = len(sys.modules)
        gc.collect()
        gc.freeze()
