"""Our own scripts, served from memory under names that change with their content, so that they can be kept."""

import hashlib
import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from pages.web import bundle
from pages.web.headers import FOR_EVER

_FOLDER = Path(__file__).parent
# `first` is for the HTML form, `more` brings Streamlit's form, `sent` is for the confirmation; `engine` and `page` are
# for the clinicians' pages.
_PARTS = {
    "first": ["engine", "first"],
    "more": ["same", "more", "app"],
    "sent": ["sent"],
    "engine": ["engine"],
    "page": ["page"],
}


def _content(name: str) -> bytes:
    known = f"const STREAMLIT = {json.dumps(bundle.files())};\n" if name == "more" else ""
    texts = ((_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS[name])
    return "\n".join(['"use strict";', known, *texts]).encode()


_CONTENTS = {name: _content(name) for name in _PARTS}
ADDRESSES = {name: f"/{name}-{hashlib.sha256(content).hexdigest()[:8]}.js" for name, content in _CONTENTS.items()}
SERVED = {ADDRESSES[name]: content for name, content in _CONTENTS.items()}


async def serve(request: Request) -> Response:
    """Serve a script; `/page.js` is the address of one whatever its content."""
    if request.url.path == "/page.js":
        return Response(_CONTENTS["page"], headers={"cache-control": "no-cache"}, media_type="text/javascript")
    return Response(SERVED[request.url.path], headers=FOR_EVER, media_type="text/javascript")
