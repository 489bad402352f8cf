"""Faults nobody foresaw: one line without an answer for the operator, one sentence for whoever reads the page."""

import logging
import traceback
from pathlib import Path

from data.languages import mark
from data.settings import ROOT

WORDS = mark("This page does not work any more. Load it anew. What you were told is sent is stored.")

_log = logging.getLogger("checkin.page")
_MESSAGES = logging.getLogger("streamlit.web.server.starlette.starlette_websocket")


def log(error: Exception) -> None:
    """Log kind and place of a fault; its message and its traceback may quote what a patient ticked."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if ROOT in Path(frame.filename).parents]
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours[-2:])
    _log.error("page fault: %s at %s", type(error).__name__, " > ".join(places))


def keep_forged_messages_short() -> None:
    """Let Streamlit say in one line that a websocket sent what is no message of its own."""
    _MESSAGES.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
