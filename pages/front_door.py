"""What lies between the network and Streamlit: start-up, our routes, our middleware."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from data import VERSION, settings
from data.settings import cautions
from data.staff import audit, links, persons, sessions, ways
from data.storage import database, digests, in_use, preparation, readiness, sqlite_file
from data.storage.schema import SCHEMA_VERSION
from pages.clinic import devices, export, invitation, provider, set_up, sign_in
from pages.patient import code, confirmation, kiosk, plain, receipt, reminder, your_data
from pages.streamlit_inside import addresses, bundle, guard, index, static
from pages.web import faults, forms, headers, logs, open_files, origin, rendering, scripts, visitor, wellformed

log = logging.getLogger("checkin")

SCRIPT = Path(__file__).with_name("navigation.py")


async def robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


async def icon(_: Request) -> Response:
    """Serve the icon to browsers that request it unasked."""
    return FileResponse(Path(__file__).parent / "web" / "favicon.ico")


async def ready(request: Request) -> Response:
    """Answer 200 only while a check-in can be stored, else 503; raise if a page cannot be rendered."""
    await plain.check(request)
    told = await run_in_threadpool(readiness.told)
    told |= {"version": VERSION, "proxy": origin.proxy(request)}
    return JSONResponse(told, 200 if told["status"] == "ready" else 503, rendering.NOT_KEPT)


ROUTES = [
    Route("/", plain.show),
    Route("/", plain.send, methods=["POST"]),
    Route("/clinic", index.clinic),
    Route("/infusions", index.clinic),
    Route("/card", invitation.card, methods=["POST"]),
    Route("/poster", invitation.poster),
    Route("/plain", plain.show),
    Route("/plain", plain.send, methods=["POST"]),
    Route(visitor.KIOSK, kiosk.show),
    Route(visitor.KIOSK, kiosk.go, methods=["POST"]),
    Route("/code", code.show),
    Route("/code", code.follow, methods=["POST"]),
    Route("/sent", confirmation.show),
    Route("/receipt", receipt.show),
    Route("/receipt", receipt.change, methods=["POST"]),
    Route("/your-data", your_data.show),
    Route("/reminder.ics", reminder.calendar),
    Route("/sign-in", sign_in.show),
    Route("/sign-in", sign_in.sign_in, methods=["POST"]),
    Route("/sign-out", sign_in.sign_out, methods=["POST"]),
    Route("/sign-in/with/account", provider.begin),
    Route(provider.BACK, provider.back),
    Route("/set-up", set_up.show),
    Route("/set-up", set_up.set_up, methods=["POST"]),
    Route("/device", devices.answer, methods=["POST"]),
    Route("/device/options", devices.options, methods=["POST"]),
    Route("/export", export.csv, methods=["POST"]),
    Route("/data-dictionary.csv", export.dictionary),
    *[Route(address, scripts.serve) for address in (*scripts.SERVED, "/page.js")],
    Route("/robots.txt", robots),
    Route("/favicon.ico", icon),
    Route("/ready", ready),
]
MIDDLEWARE = [
    Middleware(headers.SecurityHeaders, inline=bundle.INLINE),
    Middleware(faults.FaultPages),
    Middleware(wellformed.WellFormed),
    Middleware(origin.OwnHost),
    Middleware(addresses.KnownAddresses, routes=ROUTES),
    Middleware(guard.Guard),
    Middleware(static.LeanStatic),
]
EXCEPTION_HANDLERS: dict[Any, Callable[[Any, Any], Any]] = {
    forms.Refused: forms.refused,
    database.Unavailable: forms.unavailable,
    sessions.NotForThisRole: sign_in.not_for_this_role,
}


def prepare() -> None:
    """Check settings and database before anything is served; end the process with one clear line if they are wrong."""
    logs.begin()
    open_files.allow_all()
    if st.get_option("server.baseUrlPath"):
        sys.exit("The check-in does not start: server.baseUrlPath is not supported; give it a host name of its own.")
    try:
        index.documents()
        warnings = cautions.sentences()
        log.info("Infusion check-in %s", VERSION)
        for warning in warnings:
            log.warning(warning)
        preparation.prepare_once()
        log.info("Database %s, schema %d", database.engine().url, SCHEMA_VERSION)
        log.info("The audit log ends with row %d, %s", *audit.started())
        _say_how_to_sign_in()
        click.echo(f"\n  The check-in: {_base()}/\n  The dashboard: {_base()}/clinic\n")
    except (settings.InvalidSettings, sqlite_file.Unusable, digests.SecretKeyMissing, in_use.InUse) as error:
        sys.exit(f"The check-in does not start: {error}.")
    except database.Unavailable as error:
        sys.exit(
            f"The check-in does not start: the database is not responding ({error}). Is CHECKIN_DATABASE_URL right? If "
            "another server has just been started, it may be migrating the database: wait, then start again."
        )


def _base() -> str:
    return settings.current().public_url or f"http://localhost:{st.get_option('server.port')}"


def _say_how_to_sign_in() -> None:
    """Print the link for the first person where nobody can sign in, and which devices another address made useless."""
    host = urlsplit(_base()).hostname or ""
    open_here, hosts = ways.open_at(host), persons.hosts()
    if hosts and not open_here & {ways.PASSKEY, ways.ACCOUNT}:
        click.echo(
            f"\n  Devices belong to {', '.join(hosts)}; they do not sign in at {host}.\n"
            "  For new ones: python -m data staff add NAME"
        )
    if settings.current().uses_postgresql:
        if not open_here:
            click.echo("\n  Nobody can sign in yet. For a link: python -m data staff add NAME")
    elif secret := links.first(host):
        click.echo(
            f"\n  Nobody can sign in yet. Add the first person here, within 30 minutes:\n\n"
            f"  {_base()}/set-up#{secret}\n\n  The link works once. Restart to get a new one.\n"
        )
