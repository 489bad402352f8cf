"""The front door: `streamlit run` and every ASGI server find `app` here."""

import streamlit as st

from pages.web import front_door, housekeeping

front_door.prepare()
app = st.App(
    front_door.SCRIPT,
    lifespan=housekeeping.life,
    routes=front_door.ROUTES,
    middleware=front_door.MIDDLEWARE,
    exception_handlers=front_door.EXCEPTION_HANDLERS,
)
