"""Signing in with an account of the clinic, by OpenID Connect: to the provider, and back with its answer."""

import base64
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from data import clock, settings
from data.staff import accounts, audit
from data.storage import database, digests
from pages.clinic import sign_in
from pages.web import cookies, rendering, visitor

BACK = "/sign-in/with/account/back"  # the address that is registered at the provider
_COOKIE, _KEPT_FOR = "account", timedelta(minutes=10)  # state, nonce and verifier of a sign-in on its way
_ANSWERS_WITHIN = 10  # seconds
_LONGEST_ADDRESS = 1500  # characters: a cookie holds it
# What a provider that is down or answers nonsense leads to: the library reads its answers unchecked.
_NO_ANSWER = (httpx2.HTTPError, ValueError, LookupError, RuntimeError, TypeError, AttributeError)

_NOT_COMPLETED = "The sign-in was not completed. Try again."

log = logging.getLogger("checkin.provider")


async def begin(request: Request) -> Response:
    """Lead to the provider, which asks who is there; without accounts, to the other ways to sign in."""
    if not settings.current().oidc_issuer:
        return rendering.redirect("/sign-in")
    kept: dict[str, Any] = {"next": request.query_params.get("next", "")[:_LONGEST_ADDRESS]}
    here, longest = visitor.base(str(request.url)) + BACK, int(accounts.LONGEST.total_seconds())
    try:
        with _keeping(request, kept):
            asked = _provider().authorize_redirect(request, here, prompt="select_account", max_age=longest)
            answer: Response = await asked
    except _NO_ANSWER as error:
        return await _unavailable(request, error)
    sealed = base64.urlsafe_b64encode(json.dumps([clock.now().timestamp(), kept]).encode()).decode()
    cookies.keep(request, answer, _COOKIE, digests.seal(_COOKIE, sealed), int(_KEPT_FOR.total_seconds()))
    answer.headers.update(rendering.NOT_KEPT)
    return answer


async def back(request: Request) -> Response:
    """Begin a session for whom the provider vouches; refuse an answer to what this browser did not ask."""
    if not settings.current().oidc_issuer:
        return rendering.redirect("/sign-in")
    if "error" in request.query_params:  # declined there, or made up: nobody is vouched for
        answer = await sign_in.ask(request, "", 403, _NOT_COMPLETED)
    else:
        answer = await _signed_in(request, _kept(request))
    cookies.keep(request, answer, _COOKIE, "", 0)
    return answer


async def _signed_in(request: Request, kept: dict[str, Any]) -> Response:
    provider, issuer = _provider(), settings.current().oidc_issuer
    try:
        with _keeping(request, kept):
            # The issuer without a slash at its end, as the setting is kept; some providers have one. Without a rule of
            # ours, the library takes a token for another site if that named us as the one who asked for it.
            rules = {
                "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
                "aud": {"essential": True, "value": provider.client_id},
            }
            tokens = await provider.authorize_access_token(request, claims_options=rules)  # type: ignore[no-untyped-call]
            claims = dict(tokens["userinfo"])
            if "email" not in claims:
                more = await provider.userinfo(token=tokens)
                claims |= more if more.get("sub") == claims["sub"] else {}
            begun = await run_in_threadpool(accounts.sign_in, claims, cookies.session(request))
    except accounts.Refused as error:
        told = f"This account cannot sign in here: {error}. Ask whoever runs this site."
        return await sign_in.ask(request, "", 403, told)
    except (AuthlibBaseError, JoseError) as error:
        audit.refused("an answer of the provider that fits no question of this browser, or is not genuine")
        log.warning("refused an answer of the provider: %s", type(error).__name__)
        return await sign_in.ask(request, "", 403, _NOT_COMPLETED)
    except database.Unavailable:
        raise
    except _NO_ANSWER as error:
        return await _unavailable(request, error)
    return await sign_in.lead_in(request, begun, str(kept.get("next", "")))


@contextmanager
def _keeping(request: Request, kept: dict[str, Any]) -> Iterator[None]:
    """Let the library keep what it must know again in `kept`: the cookie of Streamlit's session lives for days."""
    session, request.scope["session"] = request.scope.get("session"), kept
    try:
        yield
    finally:
        request.scope["session"] = session


def _provider() -> StarletteOAuth2App:
    current = settings.current()
    return _registered(str(current.oidc_issuer), str(current.oidc_client_id), str(current.oidc_client_secret))


@cache
def _registered(issuer: str, client_id: str, client_secret: str) -> StarletteOAuth2App:
    registered: StarletteOAuth2App = OAuth().register(
        "clinic",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": _ANSWERS_WITHIN},
    )
    return registered


def _kept(request: Request) -> dict[str, Any]:
    """Return what this browser keeps of its question, nothing where it asked none in the last ten minutes."""
    unsealed = digests.unseal(_COOKIE, cookies.read(request, _COOKIE) or "")
    if not unsealed:
        return {}
    asked, kept = json.loads(base64.urlsafe_b64decode(unsealed))
    return dict(kept) if clock.now() - datetime.fromtimestamp(asked, clock.now().tzinfo) < _KEPT_FOR else {}


async def _unavailable(request: Request, error: Exception) -> Response:
    log.error("the provider does not answer as it should: %s", type(error).__name__)
    told = "The accounts of the clinic cannot be reached now. Nothing is lost; try again in a minute."
    return await sign_in.ask(request, "", 503, told)
