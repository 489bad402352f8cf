import httpx2
import pytest

from data.staff import throttle
from tests.app import App


@pytest.fixture
def app_behind_a_proxy(tmp_path):
    app = App(tmp_path)
    app.start(FORWARDED_ALLOW_IPS="127.0.0.1,::ffff:127.0.0.1")  # as the README says
    yield app
    app.stop()


def test_behind_a_proxy_every_visitor_has_attempts_of_their_own(app_behind_a_proxy):
    answers = [
        httpx2.post(
            f"http://127.0.0.1:{app_behind_a_proxy.port}/sign-in",
            data={"passphrase": "wrong"},
            headers={"x-forwarded-for": f"192.0.2.{visitor}"},
        ).status_code
        for visitor in range(throttle.SIGN_IN.per_address + 2)
    ]

    assert answers == [401] * (throttle.SIGN_IN.per_address + 2)
