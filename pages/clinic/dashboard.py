"""The dashboard: how many reported what, out of how many, and how sure that is."""

from datetime import datetime
from pathlib import Path

import streamlit as st

from data import frequencies, settings
from data.catalogue import NUMBER_BANDS, ORIGINS, WINDOW_BY_CODE, WINDOWS
from pages.clinic import charts, figures, session, words

ORDERS = ("Most frequent first", "Order of the list")

st.html(Path(__file__).with_name("style.css"))
with st.container(key="dashboard_head", horizontal=True, vertical_alignment="center"):
    st.title("Side effects after ketamine infusions", anchor=False)
    read_at = st.empty()
    st.page_link("clinic/infusions.py", label="Infusions")
    st.html(words.SIGN_OUT, width="content")

with st.container(key="dashboard_filters", horizontal=True, vertical_alignment="bottom"):
    window = st.segmented_control(
        "Time since the infusion", WINDOW_BY_CODE, default=WINDOWS[0].code, key="dashboard_window", bind="query-params"
    )
    origin = st.selectbox(
        "Origin", ORIGINS, None, key="dashboard_origin", bind="query-params", placeholder="Both", width=150
    )
    number_band = st.selectbox(
        "Infusion number", NUMBER_BANDS, None, key="dashboard_number", bind="query-params", placeholder="Any", width=150
    )
    order = st.selectbox("Order of rows", ORDERS, key="dashboard_order", bind="query-params", width=220)

with session.guarded("/clinic", "figures"):
    shown = frequencies.by_window(session.token(), window or WINDOWS[0].code, origin, number_band)
read_at.html(f'<p class="quiet">Read at {datetime.now(settings.current().zone):%H:%M:%S}</p>', width="content")

if shown.table is None:
    st.html(words.response(shown) + words.nothing_to_show(shown))
    st.stop()

session.watch()
st.html(words.selection(shown))
table = shown.table if order == ORDERS[1] else shown.table.sort_values("reported", ascending=False, kind="stable")
with st.container(key="dashboard_figures", horizontal=True, gap="medium"):
    with st.container(key="dashboard_table", width="content"):
        st.html(words.title_of_table(shown, order))
        st.table(figures.as_table(table), border="horizontal", hide_index=True, width="content")
    with st.container(key="dashboard_plot"):
        subject = f"of {words.denominator(shown)}, {shown.window} after the infusion"
        st.altair_chart(charts.frequency_plot(table, subject), alt=words.alternative(shown))
st.html(words.CAVEATS)
