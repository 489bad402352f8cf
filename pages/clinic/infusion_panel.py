"""One infusion on the infusions page: its invitation to hand over, what was answered, and how to correct or replace it.

Which one is in the address, so that a reload, a lost connection or a restart brings it back. An address has no code.
"""

import streamlit as st

from data import clock
from data.reports import infusions, issued, registration
from data.reports.infusions import Infusion
from pages.clinic import invitation, session, wording
from pages.web import rendering

CODE, CHANGE, NEW_CODE, REVOKE = "Code", "Change", "New code", "Revoke"


def opened() -> int | None:
    """Return which infusion is open, by its registration number."""
    return wording.number(st.query_params.get("infusion", ""))


def address() -> str:
    """Return the address of this page with the infusion that is open."""
    return f"/infusions?infusion={opened()}" if opened() else "/infusions"


def open_at(infusion: int, tab: str = CODE) -> None:
    """Open an infusion at one of its tabs and run the page again."""
    close()
    st.query_params["infusion"] = str(infusion)
    times = st.session_state.get("infusions_times", 0) + 1  # the widget of an earlier time has another tab
    st.session_state.update(infusions_tab=(infusion, tab), infusions_times=times)
    st.rerun()


def close() -> None:
    """Show no infusion; whoever opens it again is written down again."""
    st.query_params.pop("infusion", None)
    for name in ("seen", "refused", "tab"):
        st.session_state.pop(f"infusions_{name}", None)


@st.fragment(run_every="10s")
def show(base: str) -> None:
    """Show the infusion that is open; "sent" appears by itself."""
    number = opened()
    if number is None:
        return
    with session.calm(), session.guarded(address(), "infusions"):
        try:
            infusion, code = issued.show(session.token(), number, refresh=True)
        except infusions.NotLive:
            st.error(f"There is no infusion No. {number}.")
            return
        now = clock.now()
        is_live = infusion.is_live(now)
        st.html(rendering.rendered("infusion.html", infusion=infusion, wording=wording, now=now))
        tab = _tab(number) if is_live else CODE
        seen = session.token_digest(), number
        if tab == CODE and st.session_state.get("infusions_seen") != seen:
            infusion, code = issued.show(session.token(), number)  # from now on it is seen
            st.session_state.infusions_seen = seen
        if tab == CODE:
            st.html(invitation.panel(base, infusion, code))
        if is_live and (tab == NEW_CODE or (tab == CODE and not code)):
            _replace(infusion)
        elif tab == CHANGE:
            _change(infusion)
        elif tab == REVOKE:
            _revoke(infusion)
        if st.button("Close", key="infusions_close"):
            close()
            st.rerun()


def _tab(infusion: int) -> str:
    """Return what is to be done with an infusion; at first what was tapped in the list."""
    of, tapped = st.session_state.get("infusions_tab", (infusion, CODE))
    return st.segmented_control(
        "What to do",
        [CODE, CHANGE, NEW_CODE, REVOKE],
        default=tapped if of == infusion else CODE,
        key=f"infusions_tab_{infusion}_{st.session_state.get('infusions_times', 0)}",
        required=True,
        label_visibility="collapsed",
    )


def _change(infusion: Infusion) -> None:
    if infusion.has_check_in:
        st.html(rendering.rendered("unchangeable.html"))
        return
    shown = clock.shown(infusion.ended)
    key = f"infusions_{infusion.id}_{infusion.ended:%Y%m%d%H%M}_{infusion.number or 0}"  # corrected elsewhere: others
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
            registration.change(session.token(), infusion.id, ended=at, number=number)
        except (infusions.InvalidInfusion, clock.UnclearTime) as error:
            st.session_state.infusions_refused = infusion.id, wording.refused(error, clock.now(), "Not changed")
        else:
            open_at(infusion.id)
    of, told = st.session_state.get("infusions_refused", (0, ""))
    if of == infusion.id:  # also after a refresh: what is in the fields is not what is stored
        st.error(told)
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
        registration.revoke(session.token(), infusion.id)
        open_at(infusion.id)
