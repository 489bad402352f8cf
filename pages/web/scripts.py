"""Our own scripts, served from memory under names that change with their content, so that they can be kept."""

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from pages.web.headers import FOR_EVER

_PAGES = Path(__file__).parent.parent
ADDRESSES: dict[str, str] = {}
SERVED: dict[str, bytes] = {}


def add(name: str, *files: str, known: str = "") -> str:
    """Serve `files`, below pages/, as one script, after a line of what is `known` here; return its address."""
    texts = ((_PAGES / file).read_text(encoding="utf-8") for file in files)
    content = "\n".join(['"use strict";', known, *texts]).encode()
    ADDRESSES[name] = address = f"/{name}-{hashlib.sha256(content).hexdigest()[:8]}.js"
    SERVED[address] = content
    return address


add("first", "web/engine.js", "patient/first.js")  # the HTML form
add("sent", "patient/sent.js")  # its confirmation
add("kiosk", "patient/kiosk.js")
add("engine", "web/engine.js")  # the clinicians' pages
add("page", "web/page.js")
add("devices", "clinic/devices.js")  # signing in with one, and adding one


async def serve(request: Request) -> Response:
    """Serve a script; `/page.js` is the address of one whatever its content."""
    if request.url.path == "/page.js":
        return Response(SERVED[ADDRESSES["page"]], headers={"cache-control": "no-cache"}, media_type="text/javascript")
    return Response(SERVED[request.url.path], headers=FOR_EVER, media_type="text/javascript")
