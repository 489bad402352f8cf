import httpx2

from data import throttle
from tests.app import App


def test_behind_a_proxy_every_visitor_has_attempts_of_their_own(tmp_path):
    app = App(tmp_path)
    app.start(FORWARDED_ALLOW_IPS="127.0.0.1,::ffff:127.0.0.1")  # as the README says

    answers = [
        httpx2.post(
            f"http://127.0.0.1:{app.port}/sign-in",
            data={"passphrase": "wrong"},
            headers={"x-forwarded-for": f"192.0.2.{visitor}"},
        ).status_code
        for visitor in range(throttle.PER_ADDRESS + 2)
    ]
    app.stop()

    assert answers == [401] * (throttle.PER_ADDRESS + 2)
