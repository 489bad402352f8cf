"""The dashboard: how many reported what, out of how many, how sure that is, and how it changes."""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import clock
from data.catalogue import WINDOW_BY_CODE
from data.figures import views
from data.figures.comparisons import Comparison
from data.figures.view import NOTHING_KNOWN, Impossible, Known, View
from data.staff import sessions
from data.storage import database
from pages.clinic import filters, marks, sentences, session
from pages.clinic.tab import Tab
from pages.clinic.views import TABS
from pages.web import rendering


def read(view: View) -> views.Shown:
    """Read a view; only the first time after it was opened or changed renews the session and is written down."""
    if opened := st.session_state.get("dashboard_opened"):
        sessions.record_view(session.token(), opened)
        del st.session_state.dashboard_opened  # not before: where it fails, the next refresh tries again
    return views.read(session.token(), view)


def by_open_link(view: View, fields: dict[str, str]) -> str:
    """Return where to see check-ins by the open link, for a view that has none by invitation."""
    invited = view.selection.origin == "invited"
    return f"/clinic?{urlencode(filters.address(fields | {'origin': 'Open link'}))}" if invited else ""


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
        said = sentences.selection(tab.counted(shown)), tab.response(shown)
        st.html("".join(said) + sentences.left_out(shown.groups))
        if shown.table is None:
            template = "empty.html" if (place := tab.empty(shown)) else "too_few.html"
            values = {"place": place, "open_link": by_open_link(view, fields), "waits": tab.waits}
            st.html(rendering.rendered(template, what="Too few to show", **values))
        else:
            tab.draw(shown, shown.table, order)
            asked, of = view.groups.values(), view.selection
            later = any(WINDOW_BY_CODE[group.window].start.days for group in asked)
            by_device = any(group.device for group in asked)
            template = "below_figures.html"
            st.html(rendering.rendered(template, of=of, fields=fields, later=later, by_device=by_device))


def known() -> Known:
    """Return what can be chosen, or nothing where the figures will say why they cannot be read."""
    with session.guarded("/clinic", "figures"):  # for reception, even the filters say something
        try:
            return views.known(session.token())
        except (sessions.SignedOut, database.Unavailable):
            return NOTHING_KNOWN


misread = filters.misread()
st.html(Path(__file__).with_name("style.css"))
with st.container(key="dashboard_head", horizontal=True, vertical_alignment="center"):
    st.title("Side effects after ketamine infusions", anchor=False)
    read_at = st.empty()
    st.page_link("clinic/infusions_page.py", label="Infusions")
    st.html(rendering.rendered("sign_out.html", holder=session.holder()), width="content")
place = st.container()
kind = filters.ask_view()
tab, there = TABS[kind](), known()
with st.container(key="dashboard_open"):
    # The figures of the view before stay until the run ends: out of sight, as they are not what is chosen now.
    others = f"[class*=st-key-dashboard_of_]:not(.st-key-dashboard_of_{kind.__name__})"
    st.html(f"<style>{others} {{ display: none }}</style>")
    places = {each: st.container(key=f"dashboard_of_{each.__name__}") for each in views.VIEWS}
with places[kind]:
    if kind.options:
        with st.container(key="dashboard_own", horizontal=True, vertical_alignment="bottom"):
            filters.ask_more(kind, there)
            if tab.has_changes:
                marks.ask(there.changes, compares=kind is Comparison)
    ignored = tab.ignored(filters.chosen(kind.name))
    order = filters.ask(place, ignored, there)
    fields = filters.chosen(kind.name)
    st.session_state.dashboard_left = filters.address(fields | {"order": order})
    if misread:
        address = f"/clinic?{urlencode(st.session_state.dashboard_left)}"
        st.html(rendering.rendered("misread.html", asked=misread, address=address))
        st.stop()
    view = views.chosen(fields, there)
    st.session_state.dashboard_opened = str(view)
    show(tab, view, fields, order, read_at)
