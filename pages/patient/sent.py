"""The states of the check-in page without a form: what is stored, or why nothing can be sent now."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import languages
from data.reports import check_ins, invitations
from pages.web import rendering, words


def show(place: DeltaGenerator, stored: check_ins.CheckIn, language: str) -> None:
    """Show in place of the form what has become of a check-in; everything on the page is read from the database."""
    heading = languages.translator(language)(words.heading(stored))
    st.set_page_config(page_title=heading)
    with place.container(key="check_in_sent"):
        with st.container(key="check_in_withdrawn" if stored.withdrawn else "check_in_confirmed"):
            st.title(heading, anchor=False)
            st.html(rendering.rendered("confirmed.html", language, stored=stored))
        st.html(rendering.rendered("stored.html", language, stored=stored, query=st.query_params))


def refuse(place: DeltaGenerator, reason: invitations.Invitation | Exception, language: str) -> None:
    """Say in place of the form that the invitation is answered for now, or that the code opens nothing."""
    st.set_page_config(page_title=languages.translator(language)(words.refused(reason)))
    with place.container(key="check_in_refused"):
        st.html(rendering.rendered("refused.html", language, reason=reason, query=st.query_params))
