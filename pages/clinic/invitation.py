"""What is handed to patients: an invitation on the screen or as a card, and the poster of the open link."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import clock, languages, settings
from data.languages import mark
from data.reports import infusions, issued
from data.reports.infusions import Infusion
from data.staff import sessions
from pages.clinic import wording
from pages.web import cookies, forms, qr, rendering, visitor

_ALT = "QR code of the link"
_MESSAGE = mark("your check-in after your visit")  # after the clinic's name; a lock screen shows it: no treatment


def link(base: str, code: str) -> str:
    return base + visitor.link("/", {"i": code})


def panel(base: str, infusion: Infusion, code: str | None) -> str:
    """Return the invitation of an infusion as the clinic hands it over, or why it has no code to show, as HTML."""
    if code is None:
        is_live = infusion.is_live(clock.now())
        return rendering.rendered("no_code.html", infusion=infusion, is_live=is_live, wording=wording)
    what, address = " / ".join(translated(_MESSAGE) for _, translated in _all()), link(base, code)
    subject = f"{settings.current().clinic_name}: {what}"
    text = quote(f"{subject}: {address}")
    ways = {"sms": f"sms:?&body={text}", "mailto": f"mailto:?subject={quote(subject)}&body={text}"}
    ways |= {"address": address, "qr": qr.image(address, _ALT)}
    is_local = base.partition("://")[2].partition(":")[0] in ("localhost", "127.0.0.1")
    return rendering.rendered("invitation.html", base=base, infusion=infusion.id, code=code, is_local=is_local, **ways)


async def card(request: Request) -> Response:
    """Show the card of an invitation for print, to somebody who is signed in."""
    form = await forms.read(request, ("infusion",))
    number = wording.number(form.get("infusion", "")) or 0
    try:
        infusion, code = await run_in_threadpool(issued.show, cookies.session(request), number, what="the card")
    except sessions.SignedOut:
        return rendering.sign_in("/infusions")
    except infusions.NotLive:
        code = None
    if code is None:
        return forms.message(request, 404, "Not available now", "This invitation cannot be shown. Open it again.")
    base = visitor.base(str(request.url))
    return await rendering.page(
        "card.html", infusion=infusion, code=code, base=base, qr=qr.image(link(base, code), _ALT), translators=_all()
    )


async def poster(request: Request) -> Response:
    if settings.current().open_link == "off":
        closed = mark("The open link is switched off. Patients check in by invitation.")
        return forms.message(request, 404, mark("Not available now"), closed)
    base = visitor.base(str(request.url))
    return await rendering.page("poster.html", base=base, qr=qr.image(f"{base}/", _ALT), translators=_all())


def _all() -> list[tuple[str, Callable[[str], str]]]:
    return [(language, languages.translator(language)) for language in languages.NAMES]
