"""Changes that clinicians mark, such as a new antiemetic: marking one, removing it, comparing since with before."""

from collections.abc import Sequence

import streamlit as st

from data import clock
from data.figures import changes, comparisons
from data.figures.changes import Change
from pages.clinic import figures, filters, session
from pages.web import rendering


def ask(marked: Sequence[Change], *, compares: bool) -> None:
    """Offer to mark a change, to remove one and, where a view `compares`, each as its two sides."""
    with st.popover("Mark a change", key="dashboard_mark"), session.guarded("/clinic", "changes"):
        _mark()
        _remove(marked)
    for change in marked if compares else ():
        sides = dict(zip(("a", "b"), comparisons.of_change(change), strict=True))
        label = f"Before and since {figures.plain(change.text)}, {figures.day(change.week)}"
        st.button(label, key=f"dashboard_sides_{change.id}", on_click=filters.choose, kwargs=sides)


def _mark() -> None:
    st.html(rendering.rendered("changes.html"))
    today = clock.shown(clock.now()).date()
    with st.form("dashboard_change", border=False):
        day = st.date_input("First day under the new rule", None, max_value=today, format="YYYY-MM-DD")
        text = st.text_input("What changed", max_chars=changes.LONGEST, placeholder="new antiemetic")
        if st.form_submit_button("Mark this change"):
            try:
                changes.add(session.token(), day, text)
            except changes.InvalidChange as error:
                st.error(f"Not marked: {error}.")
            else:
                st.rerun()


def _remove(marked: Sequence[Change]) -> None:
    if not marked:
        return
    named = {change.id: f"{figures.day(change.week)}: {change.text}" for change in marked}
    chosen = st.selectbox("Marked", list(named), None, named.__getitem__, key="dashboard_marked")
    if st.button("Remove this mark", key="dashboard_remove") and chosen:
        changes.remove(session.token(), chosen)
        st.rerun()
