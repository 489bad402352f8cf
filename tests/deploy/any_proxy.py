"""What holds behind every proxy of `.deploy/`, with the fixtures `url` and `log` of its own tests."""

from tests.deploy.visitors import open_socket, visitor, wait_for, wrong_passphrases


class BehindAProxy:
    """Tests for one proxy; `shows` is what its log has of a page that is not found."""

    shows = ""

    def test_websockets_pass(self, log, url):
        with visitor(url) as patient, open_socket(patient) as still_open:
            assert still_open()

    def test_nobody_evades_a_limit_by_claiming_other_addresses(self, log, url):
        with visitor(url) as guesser, visitor(url, "127.0.0.2") as other:
            assert wrong_passphrases(guesser, 11) == [401] * 10 + [429]
            assert wrong_passphrases(other, 1) == [401]

    def test_neither_codes_nor_whole_addresses_are_logged(self, log, url):
        with visitor(url, "127.0.0.4") as patient:
            patient.get("/plain?i=0123-4567-89AB", headers={"referer": f"{url}/?i=0123-4567-89AB"})
            wait_for(lambda: self.shows in log.read_text(encoding="utf-8"))

        assert "0123-4567" not in log.read_text(encoding="utf-8")
        assert "127.0.0.4" not in log.read_text(encoding="utf-8")
