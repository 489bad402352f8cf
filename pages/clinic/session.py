"""The signed-in clinician, as the browser shows it."""

import streamlit as st

from pages.web.sign_in import COOKIE


def token() -> str:
    """Return the session token of this connection, empty where there is none.

    It lives in a cookie, not in Streamlit's session: who takes over a Streamlit session has no cookie.
    """
    return st.context.cookies.get(COOKIE, "")
