"""What is known of a patient who visits: the language, and the parameters of the address that go from page to page."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

from data import languages, settings
from data.reports import codes

DOORS = ("/", "/plain")  # of the check-in; their address holds the invitation's code
KIOSK = "/kiosk"  # the check-in on a tablet of the clinic; no address of it holds anything of a patient
_KEPT = {
    "i": re.compile("[0-9A-Z-]{14}"),
    "language": re.compile("|".join(languages.NAMES)),
    "door": re.compile("/plain"),
}


def language(query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the language chosen on the page, which its address holds, else the browser's, else English."""
    return languages.choose(query.get("language"), headers.get("accept-language"))


def base(url: str) -> str:
    """Return the address of this site: CHECKIN_PUBLIC_URL, else that of the page that was asked for."""
    parts = urlsplit(url)
    return settings.current().public_url or f"{parts.scheme}://{parts.netloc}"


def host(request: Request) -> str:
    """Return the host name of this site, at which a device signs in."""
    return urlsplit(base(str(request.url))).hostname or ""


def by_name(request: Request) -> str | None:
    """Return the same address by the name localhost where it is asked for by number: passkeys need a name."""
    if settings.current().public_url or host(request) not in ("127.0.0.1", "::1"):
        return None
    return str(request.url.replace(hostname="localhost"))


def address(request: Request) -> str:
    """Return the network address of a visitor, which is only ever stored as a keyed digest."""
    return request.client.host if request.client else ""


def door(query: Mapping[str, str]) -> str:
    """Return where the check-in of this visit is: at `/plain` if the address says so, else at `/`."""
    return "/plain" if query.get("door") == "/plain" else "/"


def query(request: Request, language: str = "") -> dict[str, str]:
    """Return the parameters of the address, with the visit's door and the language the page is shown in."""
    here = {"door": request.url.path} if request.url.path in DOORS else {}
    return dict(request.query_params) | here | ({"language": language} if language else {})


def link(path: str, query: Mapping[str, str], **more: str) -> str:
    """Return the address of another page for patients, with the invitation code and the language of this one's.

    `more` is only for that page, such as the reason for a redirect.
    """
    language = languages.known(query.get("language", "")) or ""
    query = dict(query) | {"i": codes.read_invitation(query.get("i", "")) or "", "language": language}
    kept = {word: query[word] for word, form in _KEPT.items() if word in query and form.fullmatch(query[word])} | more
    if path in DOORS:
        kept.pop("door", None)  # the path says it
    return f"{path}?{urlencode(kept)}" if kept else path
