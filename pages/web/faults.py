"""Unexpected errors: one log line without any answers for the operator, one sentence for the reader."""

import logging
import traceback
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.languages import mark
from data.settings import ROOT
from pages.web import forms, rendering

WORDS = mark("Something went wrong on this page. Reload it. Anything already sent is safe.")
_TITLE = mark("Not available now")
# In English and without a template: nothing that may have caused the error.
_PAGE = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    f"<title>{_TITLE}</title><h1>{_TITLE}</h1><p>{WORDS}</p></html>"
)

_log = logging.getLogger("checkin.page")


def log(error: Exception) -> None:
    """Log the kind and place of an error; its message and traceback may quote what a patient ticked."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if ROOT in Path(frame.filename).parents]
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in ours[-2:])
    _log.error("page fault: %s at %s", type(error).__name__, " > ".join(places))


def _answer(scope: Scope) -> Response:
    try:
        return forms.message(Request(scope), 500, _TITLE, WORDS)
    except Exception:  # noqa: BLE001 - the first fault is logged, and this is probably the same one
        return HTMLResponse(_PAGE, 500, rendering.NOT_KEPT)


class FaultPages:
    """Middleware that answers an unexpected error in a route with a page of words, unless the client has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = False

        async def send_on(sent: Message) -> None:
            nonlocal began
            began = True
            await send(sent)

        try:
            await self.app(scope, receive, send_on)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, its traceback may quote an answer
            log(error)
            if not began:
                await _answer(scope)(scope, receive, send)
