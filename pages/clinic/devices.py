"""Signing in with a device of one's own, and adding one by a link."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data.staff import challenges, links, passkeys, persons
from pages.clinic import set_up, sign_in
from pages.web import cookies, forms, rendering, visitor

CHALLENGE = "clinic_challenge"
_NOT_ADDED = "This device was not added. Try again, and confirm with your fingerprint, face or PIN within 5 minutes."
_NOT_KNOWN = "This device did not sign you in. Try again; if it was never added here, ask for a link that adds it."


async def options(request: Request) -> Response:
    """Answer our script with what the browser asks its device: to add it where a link is given, or to sign in."""
    form = await forms.read(request, ("link", "name"))
    sealed, base = challenges.new(), visitor.base(str(request.url))
    try:
        if "link" in form:
            given = form["link"], form.get("name", ""), sealed, base
            asked = await run_in_threadpool(passkeys.creation, *given)
        else:
            asked = passkeys.request(sealed, base)
    except links.Refused:
        raise forms.Refused(403, set_up.USED) from None
    except persons.Refused as error:
        raise forms.Refused(400, _other_name(error)) from None
    answer = Response(asked, media_type="application/json", headers=rendering.NOT_KEPT)
    cookies.keep(request, answer, CHALLENGE, sealed, int(challenges.VALID.total_seconds()))
    return answer


async def answer(request: Request) -> Response:
    """Sign in the person whose device answered: the one whose device a link adds, or one whose device is known."""
    form = await forms.read(request, ("link", "name", "credential", "next"))
    link, then = form.get("link"), form.get("next", "")
    sealed, before = cookies.read(request, CHALLENGE) or "", cookies.session(request)
    about = form.get("credential", ""), sealed, visitor.base(str(request.url)), before
    try:
        if link is None:
            begun = await run_in_threadpool(passkeys.sign_in, *about)
        else:
            begun = await run_in_threadpool(passkeys.add, link, form.get("name", ""), *about)
    except challenges.Refused:
        if link is None:
            return await sign_in.ask(request, then, 401, _NOT_KNOWN)
        return await set_up.ask(request, link, 403, _NOT_ADDED)
    except links.Refused:
        return await set_up.used()
    except persons.Refused as error:
        return await set_up.ask(request, link or "", 400, _other_name(error))
    led = await sign_in.lead_in(request, begun, then)
    cookies.keep(request, led, CHALLENGE, "", 0)
    return led


def _other_name(error: persons.Refused) -> str:
    return f"Choose another name: {error}."
