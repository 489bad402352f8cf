"""The signed-in clinician, as the browser shows it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import streamlit as st

from data.staff import sessions
from data.storage import database
from pages.web import cookies, faults, rendering


def token() -> str:
    """Return the session token of this connection, empty where there is none.

    It lives in a cookie, not in Streamlit's session: whoever takes over a Streamlit session has no cookie.
    """
    return st.context.cookies.get(cookies.name(cookies.SESSION, st.context.url or ""), "")


def token_digest() -> int:
    """Return what tells this session from others in this process."""
    return hash(token())


def holder() -> sessions.Holder | None:
    """Return who is signed in, or None; where that cannot be known now, what the page reads next says why."""
    with suppress(database.Unavailable):
        return sessions.holder(token())
    return None


@contextmanager
def guarded(path: str, what: str) -> Iterator[None]:
    """End the run with words for the reader: the session has ended, is reception's, or the database does not answer."""
    try:
        yield
    except sessions.SignedOut:
        st.html(rendering.rendered("signed_out.html", path=path))
        st.stop()
    except sessions.NotForThisRole:
        st.html(rendering.rendered("for_clinicians.html"))
        st.stop()
    except database.Unavailable:
        st.html(rendering.rendered("unavailable.html", what=what))
        st.stop()


@contextmanager
def calm() -> Iterator[None]:
    """Show an unexpected error as one sentence; in a fragment Streamlit would log its message, which may quote."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, its message may quote figures
        faults.log(error)
        st.error(faults.WORDS)


@st.fragment(run_every="30s")
def watch() -> None:
    """Check every 30 seconds, without renewing it, that the session is live; run the page again when it is not."""
    with suppress(database.Unavailable):
        if sessions.is_live(token()):
            return
    st.rerun()
