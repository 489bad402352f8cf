"""The sent state of the check-in page: what is stored, the receipt, the safety block."""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.catalogue import LABELS, NONE_OF_THESE, WINDOW_BY_CODE
from data.check_ins import CheckIn
from pages.patient import safety


def show(page: DeltaGenerator, stored: CheckIn) -> None:
    """Show in place of the form that a check-in is stored; everything on the page is read from the database."""
    reported = [LABELS[code] for code in stored.ticked] or [NONE_OF_THESE]
    after = WINDOW_BY_CODE[stored.window].label
    with page.container(key="check_in_sent"):
        with st.container(key="check_in_confirmed"):
            st.title("Sent. Thank you.", anchor=False)
            st.html(
                f'<p>Your receipt. You need not do anything with it now.</p><p class="receipt">{stored.receipt}</p>'
            )
        st.header(f"You reported, {after[0].lower()}{after[1:]} after your infusion", anchor=False)
        st.html("<ul>" + "".join(f"<li>{escape(label)}</li>" for label in reported) + "</ul>")
        st.html(safety.in_full())
        st.html('<p><a href="/" target="_self">Send another check-in</a></p>')
