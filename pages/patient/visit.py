"""A patient's visit: its language, and where it comes from."""

import streamlit as st

from data import languages
from data.reports.check_ins import Visit
from pages.web import visitor


def language() -> str:
    return visitor.language(st.query_params, st.context.headers)


def current() -> Visit:
    """Return this visit as a check-in records it; Streamlit gives this machine's own address as None."""
    return Visit("app", language(), st.context.ip_address or "127.0.0.1")


def offer_other_languages() -> None:
    """Show a button for each other language; the ticks are the browser's, so that a switch loses none."""
    for other, name in languages.NAMES.items():
        if other != language() and st.button(name, key=f"check_in_language_{other}", type="tertiary"):
            st.query_params["language"] = other
            st.rerun()
