"""Streamlit runs this before every page: which pages there are, and what all of them show."""

from pathlib import Path

import streamlit as st

from data import languages
from data.storage import preparation
from pages.patient import visit
from pages.streamlit_inside import memory
from pages.web import faults, rendering

preparation.prepare_once()  # done by the front door; pages that run without it, as in tests, need it too
pages = [
    st.Page("patient/check_in.py", title="Check-in", default=True),
    st.Page("clinic/dashboard.py", title="Dashboard", url_path="clinic"),
    st.Page("clinic/infusions_page.py", title="Infusions", url_path="infusions"),
]
page = st.navigation(pages, position="hidden")
for_clinicians = page.url_path in ("clinic", "infusions")
told = faults.WORDS
try:
    shown_in = languages.SOURCE if for_clinicians else visit.language()
    told = languages.translator(shown_in)(faults.WORDS)
    st.set_page_config(page_title=page.title, layout="wide" if for_clinicians else "centered")
    st.html(Path(__file__).with_name("streamlit_inside") / "hooks.css")
    if rendering.is_demonstration():
        st.html(rendering.rendered("demonstration.html", shown_in))
    page.run()
except Exception as error:  # noqa: BLE001 - a traceback may quote an answer, and forged messages would fill the log
    faults.log(error)
    st.bottom.error(told)
finally:  # a page may end by st.stop
    memory.settle()
