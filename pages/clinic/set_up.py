"""The page of a link that adds a device of a person, or sets the passphrase where browsers allow no passkeys.

The link's secret is in its fragment, which no server sees: a script posts it.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import languages
from data.staff import hashing, links, passphrase, ways
from pages.clinic import sign_in
from pages.web import forms, rendering, visitor

USED = "This link has been used or has expired. If you cannot sign in yet, ask whoever runs the server for another one."


async def show(request: Request) -> Response:
    """Show the page before its script has posted the link's secret."""
    if by_name := visitor.by_name(request):
        return rendering.redirect(by_name)
    return await _page()


async def set_up(request: Request) -> Response:
    """Show whom a link is for, or set the passphrase by it and redirect to the sign-in."""
    form = await forms.read(request, ("link", "passphrase", "again"))
    link, chosen = form.get("link", ""), form.get("passphrase")
    if chosen is None:
        return await ask(request, link)
    if chosen != form.get("again"):
        return await ask(request, link, 400, "The two passphrases differ. Type the same one twice.")
    try:
        await sign_in.in_turn(sign_in.STRANGERS, passphrase.set_up, link, chosen)
    except hashing.WeakPassphrase as error:
        return await ask(request, link, 400, f"Choose another one: {error}.")
    except links.Refused:
        return await used()
    return rendering.redirect("/sign-in")


async def ask(request: Request, link: str, status: int = 200, error: str = "") -> Response:
    """Show what a link is for, perhaps again because of an error."""
    try:
        opened = await run_in_threadpool(links.look, link)
    except links.Refused:
        return await used()
    has_passphrase = ways.PASSPHRASE in await run_in_threadpool(ways.open_at, visitor.host(request))
    may_set = passphrase.fits(opened) and not has_passphrase
    return await _page(status, error, link, opened, may_set=may_set)


async def used() -> Response:
    """Say that a link works no more."""
    return await _page(403, error=USED)


async def _page(
    status: int = 200, error: str = "", link: str = "", opened: links.Link | None = None, *, may_set: bool = False
) -> Response:
    values = {"error": error, "link": link, "opened": opened, "may_set": may_set, "shortest": hashing.SHORTEST}
    return await rendering.page("set_up.html", status, languages.SOURCE, **values)
