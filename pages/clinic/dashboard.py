"""The dashboard: how many reported what, out of how many, how sure that is, and how it changes."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import clock
from data.figures import views
from data.figures.view import Impossible, View
from data.staff import sessions
from data.storage import database
from pages.clinic import filters, sentences, session, wording
from pages.clinic.tab import Tab
from pages.clinic.views import TABS
from pages.web import rendering


def read(view: View) -> views.Shown:
    """Read a view; only the first time after it was opened or changed renews the session and is written down."""
    if opened := st.session_state.get("dashboard_opened"):
        sessions.record_view(session.token(), opened)
        del st.session_state.dashboard_opened  # not before: where it fails, the next refresh tries again
    return views.read(session.token(), view)


@st.fragment(run_every="30s")
def show(tab: Tab, view: View, fields: dict[str, str], order: str, read_at: DeltaGenerator) -> None:
    back, shown = f"/clinic?{urlencode(filters.address(fields | {'order': order}))}", None
    with session.calm(), session.guarded(back, "figures"):
        try:
            shown = read(view)
        except Impossible:
            st.html(rendering.rendered("nothing.html", heading=tab.impossible[0], sentences=tab.impossible[1:]))
        finally:  # a place outside must be written to at every run
            read_at.html(sentences.updated(clock.now()), width="content") if shown else read_at.empty()
        if not shown:
            return
        said = sentences.selection(tab.counted(shown)), sentences.response(shown.groups, tab.names(shown))
        st.html("".join(said) + sentences.left_out(shown.groups))
        if shown.table is None:
            template = "empty.html" if (place := tab.empty(shown)) else "too_few.html"
            st.html(rendering.rendered(template, place=place, what="Too few to show"))
        else:
            tab.draw(shown, shown.table, order)
            st.html(rendering.rendered("below_figures.html", of=view.selection, fields=fields))


def several_lists() -> bool:
    """Return whether an earlier list can be chosen, also where that is not known but asked for."""
    try:
        return views.has_earlier_lists(session.token())
    except (sessions.SignedOut, database.Unavailable):
        return "dashboard_list" in st.query_params


misread = filters.misread()
st.html(Path(__file__).with_name("style.css"))
with st.container(key="dashboard_head", horizontal=True, vertical_alignment="center"):
    st.title("Side effects after ketamine infusions", anchor=False)
    read_at = st.empty()
    st.page_link("clinic/infusions_page.py", label="Infusions")
    st.html(wording.SIGN_OUT, width="content")
if misread:
    st.html(rendering.rendered("misread.html", asked=misread))
place = st.container()
places = st.tabs(views.names(), key="dashboard_view", on_change="rerun", bind="query-params")
kinds = dict(zip(views.VIEWS, places, strict=True))
kind = next((each for each, its in kinds.items() if its.open), views.VIEWS[0])
tab = TABS[kind]()
order = filters.ask(place, tab.beside, lists=several_lists())
with kinds[kind]:
    filters.ask_more(kind)
    fields = filters.chosen(kind.name)
    view = views.chosen(fields)
    st.session_state.update(dashboard_opened=str(view), dashboard_left=filters.address(fields | {"order": order}))
    show(tab, view, fields, order, read_at)
