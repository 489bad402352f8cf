"""The dashboard's filters: kept in the address, so that a view can be bookmarked and sent to a colleague."""

from collections.abc import Collection

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.figures import comparisons, views
from data.figures.comparisons import Comparison
from data.figures.selections import DEVICES_BY_NAME, LATER
from data.figures.view import NOTHING_KNOWN, Known, View
from pages.clinic.views.one_window import ORDERS

_KEY = "dashboard_"
_FILTERS: dict[str, tuple[str, str | None, int]] = {  # the last two only where there is something to choose
    "origin": ("Origin", None, 110),
    "weeks": ("Weeks", None, 140),
    "number": ("Infusion number", "Any", 140),
    "language": ("Language", "Any", 125),
    "device": ("Sent from", "Any", 150),
    "list": ("List version", "Current", 130),
}


def misread() -> list[str]:
    """Return what the address asks for and no filter offers; call it before any is drawn: Streamlit then drops it.

    It is remembered until something else is chosen: the figures of what is left would be of another question.
    """
    asked = {key.removeprefix(_KEY): value for key, value in st.query_params.items() if key.startswith(_KEY)}
    wrong = {name: value for name, value in asked.items() if value and not _offered(name, value)}
    for name in wrong:
        del st.query_params[_KEY + name]  # what is no field at all would stay otherwise, whatever is chosen
    if wrong:
        told = [f"{name.replace('_', ' ')} “{value:.40}”" for name, value in wrong.items()]
        st.session_state.dashboard_misread = told
    return list(st.session_state.get("dashboard_misread", ()))


def _offered(name: str, value: str) -> bool:
    return value in ORDERS if name == "order" else views.is_option(name, value)


def forget_misread() -> None:
    st.session_state.pop("dashboard_misread", None)


def choose(**fields: str) -> None:
    """Choose the values of fields before their widgets are drawn, as a callback does."""
    forget_misread()
    st.session_state.update({_KEY + name: value for name, value in fields.items()})


def ask_view() -> type[View]:
    """Return the chosen view.

    Streamlit's tabs are set back by each answer that comes after the next choice, and then may lose it and the focus.
    """
    names = views.names()
    name = st.segmented_control(
        "View",
        names,
        default=names[0],
        key="dashboard_view",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
        on_change=forget_misread,
    )
    return views.VIEWS[names.index(name or names[0])]  # an address may leave it empty


def ask(place: DeltaGenerator, ignored: Collection[str], known: Known) -> str:
    """Ask in `place` which check-ins a view is of, but for what it ignores; return the order of its rows."""
    windows = _options("window")
    with place.container(key="dashboard_filters", horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Time since the infusion",
            windows,
            default=windows[0],
            key="dashboard_window",
            bind="query-params",
            required=True,
            disabled="window" in ignored,
            on_change=forget_misread,
        )
        st.checkbox("More filters", key="dashboard_more", on_change="ignore")  # shown on phones only
        with st.container(key="dashboard_folded", horizontal=True, vertical_alignment="bottom"):
            for name, (label, anything, width) in _FILTERS.items():
                if options := _options(name, known):
                    _select(name, label, width, options, anything, disabled=name in ignored)
            return st.selectbox(
                "Order of rows",
                ORDERS,
                key="dashboard_order",
                width=160,
                bind="query-params",
                on_change=forget_misread,
            )


def ask_more(view: type[View], known: Known) -> None:
    """Ask what only this view offers."""
    for name in view.options:
        options = _options(name, known)
        _select(name, name.replace("_", " ").capitalize(), 800 // (len(view.options) + 1), options)


def _select(
    name: str, label: str, width: int, options: list[str], anything: str | None = None, *, disabled: bool = False
) -> None:
    """Draw a select box of one of the fields of `views.options`; the first is chosen unless there is `anything`."""
    st.selectbox(
        label,
        options,
        None if anything else 0,
        key=_KEY + name,
        placeholder=anything,
        disabled=disabled,
        width=width,
        bind="query-params",
        persist_state="session",
        on_change=forget_misread,
    )


def _options(name: str, known: Known = NOTHING_KNOWN) -> list[str]:
    """Return what is offered: what the database has, and what is chosen already."""
    absent = [*([] if known.later else [LATER]), *([] if known.tablet else DEVICES_BY_NAME)]
    options = [option for option in views.options()[name] if option and not any(each in option for each in absent)]
    if name == "list" and not known.lists:
        options = []
    if name in Comparison.options:
        options += [side for change in known.changes for side in comparisons.of_change(change)]
    asked = st.query_params.get(_KEY + name) or st.session_state.get(_KEY + name)
    return options + ([asked] if asked and asked not in options and views.is_option(name, asked) else [])


def chosen(view: str) -> dict[str, str]:
    """Return the fields that are set, for `views.chosen`."""
    fields = {name: st.session_state.get(_KEY + name) for name in views.options()}
    return {name: str(value) for name, value in (fields | {"view": view}).items() if value}


def address(fields: dict[str, str]) -> dict[str, str]:
    """Return what leads back to a view, as parameters of the dashboard's address."""
    return {_KEY + name: value for name, value in fields.items()}
