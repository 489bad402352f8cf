"""The check-in: the form, and the sent state of the same page."""

from html import escape
from pathlib import Path

import streamlit as st

from data import languages, settings
from data.catalogue import NONE_OF_THESE, WINDOW_BY_CODE, WINDOW_QUESTION
from data.reports import check_ins, invitations
from data.staff import throttle
from data.storage import database
from pages.patient import sent, visit
from pages.web import rendering, words

visited = visit.current()
shown_in = visited.language
_ = languages.translator(shown_in)

st.set_page_config(page_title=_(words.PAGE))
st.html(Path(__file__).with_name("style.css"))  # what it shares with the HTML form came with that
with st.container(key="check_in_head", horizontal=True, vertical_alignment="center"):
    st.html(f'<p class="clinic" lang="{shown_in}" translate="no">{escape(settings.current().clinic_name)}</p>')
    visit.offer_other_languages()
code = st.query_params.get("i") or ""
with st.container(key="check_in_hidden"):  # display: none; the browser holds the key and sends it again
    key = st.text_input("Submission key", check_ins.new_key(), key="check_in_key", on_change="ignore")
asked = check_ins.asked(key)  # the list of the release that made this form
confirmation, form, foot = st.empty(), st.empty(), st.bottom.empty()

stored = invitation = None
refused: invitations.Invitation | Exception | None = None
try:
    stored = check_ins.by_key(key)
    if code and not stored:
        invitation = invitations.find(code, visited.address or "")
        refused = invitation if invitation.answered else None
except (invitations.UnknownInvitation, throttle.Throttled) as reason:
    refused = reason
except database.Unavailable:
    pass  # sending will tell, with the same key

if stored:
    sent.show(confirmation, stored, shown_in)
    st.stop()
with form.container():
    st.title(_(words.TITLE), anchor=False)
    st.html(rendering.rendered("safety_line.html", shown_in))
    window = None
    if invitation:
        st.html(f'<p class="about">{words.when(words.ABOUT, invitation.ended, shown_in)}</p>')
    elif not code:
        window = st.segmented_control(
            _(WINDOW_QUESTION),
            WINDOW_BY_CODE,
            format_func=lambda window: _(WINDOW_BY_CODE[window].label),
            key="check_in_window",
            on_change="ignore",
        )
    st.header(_(asked.question), anchor=False)
    with st.container(key="check_in_list", gap=None):
        for side_effect in asked.side_effects:
            row = st.container(gap=None) if side_effect.gloss else st  # a label and its gloss are one row
            row.checkbox(_(side_effect.label), key=f"check_in_{side_effect.code}", width="stretch", on_change="ignore")
            if side_effect.gloss:
                row.caption(_(side_effect.gloss))
        st.html(f'<p class="or">{_(words.OR)}</p>')
        none = st.checkbox(_(NONE_OF_THESE), key="check_in_none", width="stretch", on_change="ignore")
    st.html(rendering.rendered("foot_links.html", shown_in, query=st.query_params))

with foot.container(key="check_in_foot"):
    mistake = st.empty()
    code = st.text_input(_(words.CODE), key="check_in_code", on_change="ignore") or code  # shown when needed
    ticked = [item.code for item in asked.side_effects if st.session_state[f"check_in_{item.code}"]]
    if st.button(_(words.SEND), key="check_in_send", type="primary", width="stretch"):
        # A double tap stops this run wherever it is: from here on the database decides what the next one shows.
        refused = None  # what is being sent is told below
        try:
            stored = check_ins.record(key=key, ticked=ticked, none=none, window=window, code=code, visit=visited)
        except check_ins.NOT_STORED as error:
            needs_code = isinstance(error, words.A_CODE_MENDS)
            with mistake.container(key="check_in_code_needed" if needs_code else "check_in_mistake"):
                st.error(words.mistake(error, ticked, _))
if ticked or none:
    refused = None  # what is ticked matters more, and sending will tell
if stored:
    sent.show(confirmation, stored, shown_in)
elif refused:
    sent.refuse(confirmation, refused, shown_in)
if stored or refused:
    form.empty()
    foot.empty()
