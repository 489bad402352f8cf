"""The routes and the middleware without Streamlit behind them."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from data.storage import preparation
from pages import front_door
from pages.streamlit_inside import index
from pages.web import headers, origin
from tests.app import QUICK_HASH


@pytest.fixture
def database_file(configure, tmp_path):
    """Prepare an embedded database; gives its URL."""
    url = f"sqlite:///{tmp_path / 'checkins.db'}"
    configure(database_url=url, passphrase_hash=QUICK_HASH, hosts="clinic.example, testserver")
    preparation.prepare()
    index.documents.cache_clear()
    origin.log.filters[0]._logged.clear()
    headers.headers.cache_clear()
    return url


@pytest.fixture
def client(database_file):
    served = Starlette(
        routes=front_door.ROUTES,
        middleware=front_door.MIDDLEWARE,
        exception_handlers=front_door.EXCEPTION_HANDLERS,
    )
    with TestClient(served, base_url="http://clinic.example", follow_redirects=False) as opened:
        yield opened
