"""The check-in: the form, and the sent state of the same page."""

from html import escape
from pathlib import Path

import streamlit as st

from data import check_ins, database, settings
from data.catalogue import NONE_OF_THESE, QUESTION, SIDE_EFFECTS, WINDOW_BY_CODE
from pages.patient import mistakes, safety, sent

st.html(Path(__file__).with_name("style.css"))
st.html(f'<p class="clinic">{escape(settings.current().clinic_name)}</p>')
with st.container(key="check_in_hidden"):  # display: none; the browser holds the key and sends it again
    key = st.text_input("Submission key", check_ins.new_key(), key="check_in_key", on_change="ignore")
page = st.empty()
foot = st.bottom.empty()

try:
    stored = check_ins.by_key(key)
except database.Unavailable:
    stored = None  # sending will tell, with the same key

if stored:
    sent.show(page, stored)
    st.stop()

with page.container():
    st.title("Check-in after your infusion", anchor=False)
    st.html(safety.in_one_line())
    window = st.segmented_control(
        "How long ago did your infusion end?",
        WINDOW_BY_CODE,
        format_func=lambda code: WINDOW_BY_CODE[code].label,
        key="check_in_window",
        on_change="ignore",
    )
    st.header(QUESTION, anchor=False)
    with st.container(key="check_in_list", gap=None):
        for side_effect in SIDE_EFFECTS:
            row = st.container(gap=None) if side_effect.gloss else st  # a label and its gloss are one row
            row.checkbox(side_effect.label, key=f"check_in_{side_effect.code}", width="stretch", on_change="ignore")
            if side_effect.gloss:
                row.caption(side_effect.gloss)
        st.html("<p>or</p>")
        none = st.checkbox(NONE_OF_THESE, key="check_in_none", width="stretch", on_change="ignore")

with foot.container(key="check_in_foot"):
    mistake = st.empty()
    st.html(f'<p class="lost" role="status">{mistakes.NO_CONNECTION}</p>')  # shown by the style sheet
    if st.button("Send to my clinic", key="check_in_send", type="primary", width="stretch"):
        # A double tap stops this run wherever it is: from here on the database decides what the next one shows.
        ticked = [side_effect.code for side_effect in SIDE_EFFECTS if st.session_state[f"check_in_{side_effect.code}"]]
        try:
            stored = check_ins.record(key=key, window=window, ticked=ticked, none=none)
        except (check_ins.InvalidCheckIn, database.Unavailable) as error:
            mistake.error(mistakes.in_words(error, ticked))
if stored:
    sent.show(page, stored)
    foot.empty()
