"""The check-in: the form, and the sent state of the same page."""

from html import escape
from pathlib import Path

import streamlit as st

from data import answers, check_ins, database, languages, settings
from data.catalogue import NONE_OF_THESE, QUESTION, SIDE_EFFECTS, WINDOW_BY_CODE, WINDOW_QUESTION
from pages.patient import language, sent, words
from pages.web.rendering import rendered

shown_in = language.current()
_ = languages.translator(shown_in)

st.set_page_config(page_title=_(words.PAGE))
st.html(Path(__file__).with_name("style.css"))
with st.container(key="check_in_head", horizontal=True, vertical_alignment="center"):
    st.html(f'<p class="clinic" lang="{shown_in}">{escape(settings.current().clinic_name)}</p>')
    language.offer_others()
with st.container(key="check_in_hidden"):  # display: none; the browser holds the key and sends it again
    key = st.text_input("Submission key", check_ins.new_key(), key="check_in_key", on_change="ignore")
confirmation, form, foot = st.empty(), st.empty(), st.bottom.empty()

try:
    stored = check_ins.by_key(key)
except database.Unavailable:
    stored = None  # sending will tell, with the same key

if stored:
    sent.show(confirmation, stored, shown_in)
    st.stop()

with form.container():
    st.title(_(words.TITLE), anchor=False)
    st.html(rendered("safety_line.html", shown_in))
    window = st.segmented_control(
        _(WINDOW_QUESTION),
        WINDOW_BY_CODE,
        format_func=lambda code: _(WINDOW_BY_CODE[code].label),
        key="check_in_window",
        on_change="ignore",
    )
    st.header(_(QUESTION), anchor=False)
    with st.container(key="check_in_list", gap=None):
        for side_effect in SIDE_EFFECTS:
            row = st.container(gap=None) if side_effect.gloss else st  # a label and its gloss are one row
            row.checkbox(_(side_effect.label), key=f"check_in_{side_effect.code}", width="stretch", on_change="ignore")
            if side_effect.gloss:
                row.caption(_(side_effect.gloss))
        st.html(f"<p>{_(words.OR)}</p>")
        none = st.checkbox(_(NONE_OF_THESE), key="check_in_none", width="stretch", on_change="ignore")
    st.html(rendered("change_sent.html", shown_in, query=st.query_params))

with foot.container(key="check_in_foot"):
    mistake = st.empty()
    st.html(f'<p class="lost">{_(words.NO_CONNECTION)}</p>')  # shown by the style sheet
    if st.button(_(words.SEND), key="check_in_send", type="primary", width="stretch"):
        # A double tap stops this run wherever it is: from here on the database decides what the next one shows.
        ticked = [side_effect.code for side_effect in SIDE_EFFECTS if st.session_state[f"check_in_{side_effect.code}"]]
        try:
            stored = check_ins.record(key=key, window=window, ticked=ticked, none=none, language=shown_in)
        except (answers.InvalidCheckIn, database.Unavailable) as error:
            mistake.error(words.mistake(error, ticked, _))
if stored:
    sent.show(confirmation, stored, shown_in)
    form.empty()
    foot.empty()
