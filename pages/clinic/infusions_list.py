"""The list of infusions: the latest, one by its number, or those without an answer, each with its code at hand."""

from datetime import datetime

import streamlit as st

from data import clock
from data.reports import roster
from data.reports.infusions import Infusion
from pages.clinic import infusion_panel, session, wording
from pages.web import rendering

FIRST, MORE = 12, 50  # rows, and how many more a tap shows
SHOWN = dict(zip(roster.SHOWN, ("Latest", "Today, no answer", "Open now, no answer"), strict=True))


@st.fragment(run_every="10s")
def show() -> None:
    """Show the list and what it is of; it refreshes by itself."""
    with st.container(key="infusions_list_head", horizontal=True, vertical_alignment="bottom"):
        st.header("Registered infusions", anchor=False, width="content")
        shown = st.segmented_control(
            "Which",
            roster.SHOWN,
            format_func=SHOWN.__getitem__,
            default=roster.SHOWN[0],
            key="infusions_shown",
            required=True,
            disabled=bool(st.session_state.get("infusions_find")),
            label_visibility="collapsed",
        )
        typed = st.text_input("Find by number", key="infusions_find", placeholder="No.", width=130)
    with session.calm(), session.guarded(infusion_panel.address(), "infusions"):
        number, most = wording.number(typed), st.session_state.get("infusions_rows", FIRST)
        seen = session.token_digest(), shown, number
        refresh = st.session_state.get("infusions_listed") == seen
        found = (
            []
            if typed and number is None
            else roster.read(session.token(), shown, number=number, most=most + 1, refresh=refresh)
        )
        st.session_state.infusions_listed = seen
        if not found:
            st.html(rendering.rendered("none_listed.html", shown=shown, typed=typed, number=number))
        now = clock.now()
        for infusion in found[:most]:
            with st.container(key=f"infusions_row_{infusion.id}", horizontal=True, vertical_alignment="center"):
                st.html(rendering.rendered("row.html", infusion=infusion, wording=wording, now=now))
                for tab in _tabs(infusion, now):
                    if st.button(tab, key=f"infusions_{infusion.id}_{tab}", type="tertiary"):
                        infusion_panel.open_at(infusion.id, tab)
        if len(found) > most and st.button("Show more", key="infusions_more"):
            st.session_state.infusions_rows = most + MORE
            st.rerun()


def _tabs(infusion: Infusion, now: datetime) -> list[str]:
    """Return what an infusion can be opened at."""
    if not infusion.is_live(now):
        return []
    can_change = [] if infusion.has_check_in else [infusion_panel.CHANGE]
    return [infusion_panel.CODE, infusion_panel.NEW_CODE, *can_change]
