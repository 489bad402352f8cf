"""What is handed to patients: an invitation on the screen or as a card, and the poster of the open link."""

from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages, settings
from data.languages import mark
from data.reports import codes, invitations
from data.staff import sessions, throttle
from data.staff.roles import RECEPTION
from pages.web import cookies, forms, rendering, visitor, words

_MESSAGE = mark("Your check-in after your visit")  # a lock screen shows it: neither clinic nor treatment


def link(base: str, code: str) -> str:
    return base + visitor.link("/", {"i": code})


def panel(base: str, code: str, title: str) -> str:
    """Return an invitation as a clinician shows, copies, sends or prints it, as HTML."""
    names, address = " / ".join(translated(_MESSAGE) for _, translated in _all()), link(base, code)
    text = quote(f"{names}: {address}")
    ways = {"sms": f"sms:?&body={text}", "mailto": f"mailto:?subject={quote(names)}&body={text}"}
    ways |= {"address": address, "qr": qr_code(address)}
    is_local = base.partition("://")[2].partition(":")[0] in ("localhost", "127.0.0.1")
    return rendering.rendered("invitation.html", base=base, code=code, title=title, is_local=is_local, **ways)


def qr_code(address: str) -> Markup:
    """Return the QR code (ISO/IEC 18004, error correction M) of an address, dark on light, as an SVG image."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    uri = quote(drawn.getvalue())
    return Markup('<img class="qr" alt="QR code of the link" src="data:image/svg+xml,{}">').format(uri)


async def card(request: Request) -> Response:
    """Show the card of an invitation for print, to the clinician who has just made it."""
    form = await forms.read(request, ("code",))
    try:
        what = "the card of an invitation"
        await run_in_threadpool(sessions.record_view, cookies.session(request), what, RECEPTION)
    except sessions.SignedOut:
        return rendering.sign_in("/infusions")
    code, base = codes.read_invitation(form.get("code", "")) or "", visitor.base(str(request.url))
    try:
        found = await run_in_threadpool(invitations.find, code, visitor.address(request))
    except (invitations.UnknownInvitation, throttle.Throttled):
        return forms.message(request, 404, mark("Not available now"), words.UNKNOWN_CODE)
    return await rendering.page(
        "card.html", code=code, base=base, qr=qr_code(link(base, code)), ended=found.ended, translators=_all()
    )


async def poster(request: Request) -> Response:
    if settings.current().open_link == "off":
        closed = mark("The open link is switched off. Patients check in by invitation.")
        return forms.message(request, 404, mark("Not available now"), closed)
    base = visitor.base(str(request.url))
    return await rendering.page("poster.html", base=base, qr=qr_code(f"{base}/"), translators=_all())


def _all() -> list[tuple[str, Callable[[str], str]]]:
    return [(language, languages.translator(language)) for language in languages.NAMES]
