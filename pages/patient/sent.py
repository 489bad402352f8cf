"""The sent state of the check-in page: what is stored, the receipt, the safety block."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import languages
from data.check_ins import CheckIn
from pages.patient import words
from pages.web.rendering import rendered


def show(place: DeltaGenerator, stored: CheckIn, language: str) -> None:
    """Show in place of the form what has become of a check-in; everything on the page is read from the database."""
    with place.container(key="check_in_sent"):
        with st.container(key="check_in_withdrawn" if stored.withdrawn else "check_in_confirmed"):
            st.title(languages.translator(language)(words.heading(stored)), anchor=False)
            st.html(rendered("confirmed.html", language, stored=stored))
        st.html(rendered("stored.html", language, stored=stored, door="/", query=st.query_params))
