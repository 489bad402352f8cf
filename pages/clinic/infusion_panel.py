"""One infusion on the infusions page: its invitation to hand over, what was answered, and how to correct or replace it.

Which one is in the address, so that a reload, a lost connection or a restart brings it back. An address has no code.
"""

import streamlit as st

from data import clock
from data.reports import infusions, issued
from data.reports.infusions import Infusion
from pages.clinic import invitation, session, wording
from pages.web import rendering

CODE, CHANGE, NEW_CODE, REVOKE = "Code", "Change", "New code", "Revoke"


def opened() -> int | None:
    """Return which infusion is open, by its registration number."""
    asked = st.query_params.get("infusion", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else None  # noqa: PLR2004 - digits of no list


def address() -> str:
    """Return the address of this page with the infusion that is open."""
    return f"/infusions?infusion={opened()}" if opened() else "/infusions"


def open_at(infusion: int, tab: str = CODE) -> None:
    """Open an infusion at one of its tabs and run the page again."""
    st.query_params["infusion"] = str(infusion)
    st.session_state.infusions_tab = tab, st.session_state.get("infusions_tab", ("", 0))[1] + 1
    st.rerun()


@st.fragment(run_every="10s")
def show(base: str) -> None:
    """Show the infusion that is open; "sent" appears by itself."""
    number, seen = opened(), st.session_state.get("infusions_seen")
    if number is None:
        return
    with session.calm(), session.guarded(address(), "infusions"):
        try:
            infusion, code = issued.show(session.token(), number, refresh=seen == number)
        except infusions.NotLive:
            st.error(f"There is no infusion No. {number}.")
            return
        st.session_state.infusions_seen = number
        now = clock.now()
        live = infusion.is_live(now)
        st.html(rendering.rendered("infusion.html", infusion=infusion, wording=wording, now=now))
        tab, times = st.session_state.get("infusions_tab", (CODE, 0))
        if live:
            tab = st.segmented_control(
                "What to do",
                [CODE, CHANGE, NEW_CODE, REVOKE],
                default=tab,
                key=f"infusions_tab_{number}_{times}",
                required=True,
                label_visibility="collapsed",
            )
        if tab == CODE or not live:
            st.html(invitation.panel(base, infusion, code))
        if live and (tab == NEW_CODE or not code):
            _replace(infusion)
        elif tab == CHANGE:
            _change(infusion)
        elif tab == REVOKE:
            _revoke(infusion)


def _change(infusion: Infusion) -> None:
    if infusion.has_check_in:
        st.html(rendering.rendered("unchangeable.html"))
        return
    shown, key = clock.shown(infusion.ended), f"infusions_{infusion.id}"
    ended = st.datetime_input("When it ended", shown, key=f"{key}_ended", step=300, on_change="ignore")
    number = st.number_input(
        "This patient’s infusion number (optional)",
        value=infusion.number,
        step=1,
        key=f"{key}_number",
        on_change="ignore",
    )
    if st.button("Save the change", key="infusions_save", type="primary"):
        try:
            at = infusion.ended if ended == shown else clock.instant(ended)
            infusions.change(session.token(), infusion.id, ended=at, number=number)
        except (infusions.InvalidInfusion, clock.UnclearTime) as error:
            st.error(wording.refused(error, clock.now(), "Not changed"))
        else:
            open_at(infusion.id)
    st.html(rendering.rendered("changing.html"))


def _replace(infusion: Infusion) -> None:
    st.html(rendering.rendered("replacing.html"))
    if st.button("Make a new code", key="infusions_replace", type="primary"):
        try:
            issued.renew(session.token(), infusion.id)
        except infusions.NotLive as error:
            st.error(wording.refused(error, clock.now(), "No new code"))
        else:
            open_at(infusion.id)


def _revoke(infusion: Infusion) -> None:
    st.html(rendering.rendered("revoking.html"))
    if st.button("Revoke this invitation", key="infusions_revoke", type="primary"):
        infusions.revoke(session.token(), infusion.id)
        open_at(infusion.id)
