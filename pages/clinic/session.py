"""The signed-in clinician, as the browser shows it."""

import streamlit as st

from data import access, database
from pages.web.sign_in import COOKIE


def token() -> str:
    """Return the session token of this connection, empty where there is none.

    It lives in a cookie, not in Streamlit's session: who takes over a Streamlit session has no cookie.
    """
    return st.context.cookies.get(COOKIE, "")


@st.fragment(run_every="30s")
def watch() -> None:
    """Look every 30 seconds whether the session lives, without renewing it; the page runs anew when it does not."""
    try:
        live = access.is_signed_in(token())
    except database.Unavailable:
        live = False
    if not live:
        st.rerun()
