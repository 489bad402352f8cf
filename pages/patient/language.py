"""The language of the check-in page."""

import streamlit as st

from data import languages
from pages.web import visitor


def current() -> str:
    """Return the language of this page: the one in its address, else the browser's, else English."""
    return visitor.language(st.query_params, st.context.headers)


def offer_others() -> None:
    """Show a button for each other language; the ticks are the browser's, so that a switch loses none."""
    for language, name in languages.NAMES.items():
        if language != current() and st.button(name, key=f"check_in_language_{language}", type="tertiary"):
            st.query_params["language"] = language
            st.rerun()
