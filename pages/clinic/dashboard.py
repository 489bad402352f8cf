"""The dashboard: how many reported what, out of how many, how sure that is, and how it changes."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import clock
from data.figures import comparisons, views
from data.figures.views import Shown, View
from data.staff import sessions
from pages.clinic import export, filters, sentences, session, states, wording
from pages.clinic.views import comparison, one_window, over_weeks, panels, together

DRAW = {
    views.FREQUENCIES: one_window.draw,
    views.SINCE: panels.draw,
    views.WEEKS: over_weeks.draw,
    views.NUMBER: panels.draw,
    views.COMPARE: comparison.draw,
    views.TOGETHER: together.draw,
}


def read(view: View) -> Shown:
    """Read a view; only the first time after it was opened or changed renews the session and is written down."""
    if opened := st.session_state.get("dashboard_opened"):
        sessions.record_view(session.token(), opened)
        del st.session_state.dashboard_opened  # not before: where it fails, the next refresh tries again
    return views.read(session.token(), view)


@st.fragment(run_every="30s")
def show(view: View, fields: dict[str, str], order: str, read_at: DeltaGenerator) -> None:
    """Show figures and read them anew every 30 seconds."""
    back, shown = f"/clinic?{urlencode(filters.address(fields | {'order': order}))}", None
    with session.calm(), session.guarded(back, "figures"):
        try:
            shown = read(view)
        except comparisons.Overlapping:
            st.html(states.OVERLAPPING)
        finally:  # a place outside must be written to at every run
            read_at.html(sentences.updated(clock.now()), width="content") if shown else read_at.empty()
        if shown:
            st.html(sentences.sentence(shown))
        if shown and shown.table is None:
            st.html(states.nothing_to_show(shown))
        elif shown:
            DRAW[view.name](shown, order)
            st.html(sentences.CAVEATS + export.form(fields))


misread = filters.misread()
st.html(Path(__file__).with_name("style.css"))
with st.container(key="dashboard_head", horizontal=True, vertical_alignment="center"):
    st.title("Side effects after ketamine infusions", anchor=False)
    read_at = st.empty()
    st.page_link("clinic/infusions_page.py", label="Infusions")
    st.html(wording.SIGN_OUT, width="content")
if misread:
    st.html(wording.misread(misread))
place = st.container()
tabs = st.tabs(views.NAMES, key="dashboard_view", on_change="rerun", bind="query-params")
name, tab = next(
    ((name, tab) for name, tab in zip(views.NAMES, tabs, strict=True) if tab.open), (views.FREQUENCIES, tabs[0])
)
order = filters.ask(place, name)
with tab:
    filters.ask_more(name)
    fields = filters.chosen(name)
    view = views.chosen(fields)
    st.session_state.update(dashboard_opened=str(view), dashboard_left=filters.address(fields | {"order": order}))
    show(view, fields, order, read_at)
