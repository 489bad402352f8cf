"""The front door: `streamlit run` and every ASGI server find `app` here."""

import streamlit as st

from pages import front_door
from pages.web import housekeeping

front_door.prepare()
app = st.App(
    front_door.SCRIPT,
    lifespan=housekeeping.lifespan,
    routes=front_door.ROUTES,
    middleware=front_door.MIDDLEWARE,
    exception_handlers=front_door.EXCEPTION_HANDLERS,
)
