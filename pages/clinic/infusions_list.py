"""The list of infusions: the latest, one by its number, or those without an answer, each with its code at hand."""

import streamlit as st

from data import clock
from data.reports import roster
from pages.clinic import infusion_panel, session, wording
from pages.web import rendering

FIRST = 12  # rows, until more are asked for
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
            label_visibility="collapsed",
        )
        typed = st.text_input("Find by number", key="infusions_find", placeholder="No.", width=130)
    with session.calm(), session.guarded(infusion_panel.address(), "infusions"):
        number = wording.number(typed)
        seen = shown, number
        if typed and number is None:
            found = []
        else:
            refresh = st.session_state.get("infusions_list") == seen
            found = roster.read(session.token(), shown, number=number, refresh=refresh)
            st.session_state.infusions_list = seen
        if not found:
            st.html(rendering.rendered("none_listed.html", shown=shown, typed=typed))
        now, all_of_them = clock.now(), st.session_state.get("infusions_all")
        for infusion in found if all_of_them else found[:FIRST]:
            with st.container(key=f"infusions_row_{infusion.id}", horizontal=True, vertical_alignment="center"):
                st.html(rendering.rendered("row.html", infusion=infusion, wording=wording, now=now))
                tabs = (infusion_panel.CODE, infusion_panel.NEW_CODE, infusion_panel.CHANGE)
                for tab in tabs if infusion.is_live(now) else ():
                    if st.button(tab, key=f"infusions_{infusion.id}_{tab}", type="tertiary"):
                        infusion_panel.open_at(infusion.id, tab)
        if len(found) > FIRST and not all_of_them and st.button(f"Show {len(found)}", key="infusions_more"):
            st.session_state.infusions_all = True
            st.rerun()
