"""The dashboard's filters: kept in the address, so that a view can be bookmarked and sent to a colleague."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.figures import views
from data.figures.view import View
from pages.clinic.views.one_window import ORDERS

_KEY = "dashboard_"
_FILTERS = {  # that of lists only where there are several
    "weeks": ("Weeks", "All weeks", 150),
    "number": ("Infusion number", "Any", 140),
    "origin": ("Origin", "Both", 120),
    "language": ("Language", "Any", 130),
    "list": ("List version", "Current", 130),
}


def misread() -> list[str]:
    """Return what the address asks for and no filter offers; call it before any is drawn: Streamlit then drops it."""
    options = views.options() | {"order": ORDERS}
    asked = {key.removeprefix(_KEY): value for key, value in st.query_params.items() if key.startswith(_KEY)}
    return [
        f"{name.replace('_', ' ')} “{value:.40}”"
        for name, value in asked.items()
        if value and value not in options.get(name, ())
    ]


def ask(place: DeltaGenerator, beside: str, *, lists: bool) -> str:
    """Ask in `place` which check-ins a view is of, but for what is side by side; return the order of its rows."""
    windows = _options("window")
    with place.container(key="dashboard_filters", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Time since the infusion",
            windows,
            default=windows[0],
            key="dashboard_window",
            bind="query-params",
            required=True,
            disabled=beside == "window",
        )
        st.checkbox("More filters", key="dashboard_more", on_change="ignore")  # shown on phones only
        with st.container(key="dashboard_folded", horizontal=True, vertical_alignment="bottom"):
            for name, (label, anything, width) in _FILTERS.items():
                if lists or name != "list":
                    _select(name, label, width, anything, disabled=beside == name)
            return st.selectbox("Order of rows", ORDERS, key="dashboard_order", bind="query-params", width=190)


def ask_more(view: type[View]) -> None:
    if view.options:
        with st.container(key="dashboard_own", horizontal=True):
            for name in view.options:
                _select(name, name.replace("_", " ").capitalize(), 800 // (len(view.options) + 1))


def _select(name: str, label: str, width: int, anything: str | None = None, *, disabled: bool = False) -> None:
    """Draw a select box of one of the fields of `views.options`; the first is chosen unless there is `anything`."""
    st.selectbox(
        label,
        _options(name),
        None if anything else 0,
        key=_KEY + name,
        placeholder=anything,
        disabled=disabled,
        width=width,
        bind="query-params",
        persist_state="session",
    )


def _options(name: str) -> list[str]:
    return [option for option in views.options()[name] if option]


def chosen(view: str) -> dict[str, str]:
    """Return the fields that are set, for `views.chosen`."""
    fields = {name: st.session_state.get(_KEY + name) for name in views.options()}
    return {name: str(value) for name, value in (fields | {"view": view}).items() if value}


def address(fields: dict[str, str]) -> dict[str, str]:
    """Return what leads back to a view, as parameters of the dashboard's address."""
    return {_KEY + name: value for name, value in fields.items()}
