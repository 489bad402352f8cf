"""The dashboard's filters: kept in the address, so that a view can be bookmarked and sent to a colleague."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.figures import views
from data.figures.views import OPTIONS
from pages.clinic.views.one_window import ORDERS

_KEY = "dashboard_"
_LABELS = {
    "weeks": ("Weeks", "All weeks", 150),
    "number": ("Infusion number", "Any", 140),
    "origin": ("Origin", "Both", 120),
    "language": ("Language", "Any", 130),
}


def misread() -> list[str]:
    """Return what the address asks for and no filter offers; call it before any is drawn: Streamlit then drops it."""
    options = OPTIONS | {"order": ORDERS}
    asked = {key.removeprefix(_KEY): value for key, value in st.query_params.items() if key.startswith(_KEY)}
    return [
        f"{name.replace('_', ' ')} “{value:.40}”"
        for name, value in asked.items()
        if value and value not in options.get(name, ())
    ]


def ask(place: DeltaGenerator, view: str) -> str:
    """Ask in `place` which check-ins a view is of, and return the order of its rows."""
    with place.container(key="dashboard_filters", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Time since the infusion",
            OPTIONS["window"],
            default=OPTIONS["window"][0],
            key="dashboard_window",
            bind="query-params",
            required=True,
            disabled=view == views.SINCE,
        )
        st.checkbox("More filters", key="dashboard_more", on_change="ignore")  # shown on phones only
        with st.container(key="dashboard_folded", horizontal=True, vertical_alignment="bottom"):
            for name, (label, anything, width) in _LABELS.items():
                select(
                    name,
                    label,
                    None,
                    placeholder=anything,
                    width=width,
                    disabled=(name, view) == ("number", views.NUMBER),
                )
            order = st.selectbox("Order of rows", ORDERS, key="dashboard_order", bind="query-params", width=190)
    return order


def ask_more(view: str) -> None:
    """Ask what only one view needs to know: a side effect, or two sides."""
    if view == views.WEEKS:
        select("side_effect", "Side effect", 0, width=400)
    if view == views.COMPARE:
        with st.container(key="dashboard_sides", horizontal=True):
            select("a", "A", 0, width=260)
            select("b", "B", 0, width=260)


def select(name: str, label: str, index: int | None, **more: object) -> None:
    """Draw a select box of one of the fields of `views.OPTIONS`."""
    options = [option for option in OPTIONS[name] if option]
    st.selectbox(label, options, index, key=f"dashboard_{name}", bind="query-params", persist_state="session", **more)


def chosen(view: str) -> dict[str, str]:
    """Return the fields that are set, for `views.chosen`."""
    fields = {name: st.session_state.get(f"dashboard_{name}") for name in OPTIONS}
    return {name: str(value) for name, value in (fields | {"view": view}).items() if value}


def address(fields: dict[str, str]) -> dict[str, str]:
    """Return what leads back to a view, as parameters of the dashboard's address."""
    return {f"dashboard_{name}": value for name, value in fields.items()}
