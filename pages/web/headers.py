"""Security headers on every answer."""

import base64
import hashlib
from functools import cache

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data import settings

FOR_EVER = {"cache-control": "public, immutable, max-age=31536000"}  # for files whose names hold a hash of the content
_ONLY_HTTPS = "strict-transport-security"


def _public_url() -> str:
    try:
        return settings.current().public_url or ""
    except Exception:  # noqa: BLE001 - an answer has its headers whatever went wrong
        return ""


@cache
def headers(*inline: str) -> dict[str, str]:
    """Return the headers of this process, by name; of scripts within a document only the `inline` ones may run."""
    public = _public_url()
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline)
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit makes its styles in the browser
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        # The websocket is named where its address is known: older Safaris do not count it as 'self'.
        "connect-src": f"'self' ws{public.removeprefix('http')}" if public else "'self'",
        "media-src": "'self'",
        "object-src": "'none'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{what} {sources}" for what, sources in policy.items()),
        "referrer-policy": "strict-origin",  # no invitation code; with no-referrer, forms would send `Origin: null`
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "x-robots-tag": "noindex",
        **({_ONLY_HTTPS: f"max-age={365 * 24 * 3600}"} if public.startswith("https:") else {}),
    }


def _by_https(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_open = name.lower() == b"set-cookie" and b"; secure" not in value.lower()
    return name, value + b"; Secure" if is_open else value


class SecurityHeaders:
    """Middleware that adds `headers(*inline)` to every HTTP answer, and behind HTTPS makes every cookie Secure."""

    def __init__(self, app: ASGIApp, inline: tuple[str, ...]) -> None:
        self.app, self._inline = app, inline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = headers(*self._inline)
                MutableHeaders(scope=message).update(ours)
                if _ONLY_HTTPS in ours:
                    message["headers"] = [_by_https(*header) for header in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
