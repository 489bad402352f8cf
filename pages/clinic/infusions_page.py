"""Infusions: register one in seconds, hand over its invitation, see which are answered, correct a wrong one."""

from datetime import timedelta
from pathlib import Path

import streamlit as st

from data import clock
from data.reports import codes, infusions, registration
from data.staff import sessions
from pages.clinic import infusion_panel, infusions_list, session, wording
from pages.web import rendering, visitor

DOUBLE_TAP = timedelta(seconds=1.5)

now = clock.now()
st.html(Path(__file__).with_name("style.css"))
with st.container(key="infusions_head", horizontal=True, vertical_alignment="center"):
    st.title("Infusions", anchor=False)
    holder = session.holder()
    if holder is None or holder.role.sees_figures:
        st.page_link("clinic/dashboard.py", label="Dashboard", query_params=st.session_state.get("dashboard_left"))
    st.html(rendering.rendered("sign_out.html", holder=holder), width="content")

shown = clock.shown(now)
kept = "infusions_ended" in st.session_state
if st.session_state.get("infusions_key", "") == st.session_state.get("infusions_used"):
    # The next patient's are another time and number; the browser may not show them yet.
    fresh = {"ended": shown, "now": shown.isoformat(), "number": None, "key": codes.new_key(), "fresh": now}
    st.session_state.update({f"infusions_{name}": value for name, value in fresh.items()})
elif kept and st.session_state.infusions_ended.isoformat() == st.session_state.get("infusions_now"):  # untouched
    st.session_state.update(infusions_ended=shown, infusions_now=shown.isoformat())
with st.container(key="infusions_hidden"):  # display: none; the browser holds what was filled in, over a lost session
    filled_in = st.text_input("Filled in", "" if kept else shown.isoformat(), key="infusions_now", on_change="ignore")
    fresh_key = "" if kept else codes.new_key()
    key = st.text_input("Registration key", fresh_key, key="infusions_key", on_change="ignore")
base = visitor.base(st.context.url or "")
with st.container(key="infusions_top", horizontal=True, gap="large"):
    with st.container(key="infusions_new"):
        st.header("New infusion", anchor=False)
        ended = st.datetime_input(
            "When it ended", "now" if kept else shown, key="infusions_ended", step=300, on_change="ignore"
        )
        st.html(rendering.rendered("ended_hint.html"))
        # Streamlit would keep a number outside of bounds to itself, and send the one before.
        number = st.number_input(
            "This patient’s infusion number (optional)", value=None, step=1, key="infusions_number", on_change="ignore"
        )
        wanted = st.button("Make invitation", key="infusions_create", type="primary", width="stretch")
        st.html(rendering.rendered("invitations.html", base=base))
    panel = st.container(key="infusions_invitation")

with session.guarded(infusion_panel.address(), "infusions"):
    if wanted and now - st.session_state.get("infusions_fresh", now - DOUBLE_TAP) >= DOUBLE_TAP:
        try:
            at = None if ended and ended.isoformat() == filled_in else clock.instant(ended)
            made, _ = registration.register(session.token(), key=key, ended=at, number=number)
        except (infusions.InvalidInfusion, clock.UnclearTime) as error:
            infusion_panel.close()  # another patient's code must not be taken for this one's
            panel.error(wording.refused(error, now))
        else:
            st.session_state.infusions_used = key
            infusion_panel.open_at(made.id)
    if not sessions.is_live(session.token()):
        raise sessions.SignedOut

session.watch()
with panel:
    infusion_panel.show(base)
infusions_list.show()
