import gzip
import re

from pages.web.headers import STREAMLIT_INDEX, STREAMLIT_STATIC
from pages.web.static import ICONS, _compressed
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION


def test_the_patients_document_is_streamlits_with_our_splash(client):
    answer = client.get("/")

    assert answer.status_code == 200
    assert '<div id="root"><style>' in answer.text
    assert "The check-in is loading." in answer.text
    assert "<title>Check-in</title>" in answer.text
    scripts = re.findall(r'src="(\./static/[^"]+)"', STREAMLIT_INDEX)
    assert scripts
    assert all(script in answer.text for script in scripts)


def test_the_policy_allows_streamlits_one_inline_script_and_no_other(client):
    policy = client.get("/").headers["content-security-policy"]

    assert len(re.findall(r"'sha256-[^']+'", policy)) == 1
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "default-src 'none'" in policy


def test_the_policy_names_the_websocket_of_the_public_address(client, configure):
    configure(**PRODUCTION)

    assert "connect-src 'self' wss://checkin.example.org;" in client.get("/").headers["content-security-policy"]


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/clinic", "/sign-in", "/set-up", "/ready", "/page.js"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["x-frame-options"] == "DENY", path


def test_static_text_comes_compressed_where_the_browser_takes_it(client):
    file = next((STREAMLIT_STATIC / "static" / "js").glob("index.*.js"))
    path = f"/static/js/{file.name}"

    answer = client.get(path, headers={"accept-encoding": "gzip, br"})

    assert answer.content == file.read_bytes()
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) < 0.4 * file.stat().st_size
    assert "javascript" in answer.headers["content-type"]


def test_the_same_bytes_are_kept_for_the_next_visitor(client):
    path = f"/static/js/{next((STREAMLIT_STATIC / 'static' / 'js').glob('index.*.js')).name}"

    assert _compressed(path) is _compressed(path)
    assert gzip.decompress(_compressed(path))


def test_an_uncompressed_static_file_varies_too(client):
    path = f"/static/js/{next((STREAMLIT_STATIC / 'static' / 'js').glob('index.*.js')).name}"

    answer = client.get(path, headers={"accept-encoding": "identity"})  # no Streamlit behind: 404, with the header

    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_icon_font_is_for_clinicians_only(client):
    assert len(ICONS) == 1
    assert client.get(ICONS[0]).status_code == 404
    assert client.get(ICONS[0]).headers["cache-control"] == "no-store"

    passed_on = client.get(ICONS[0], headers={"cookie": "clinic_session=x"})  # no Streamlit behind: 404, but not ours
    assert "cache-control" not in passed_on.headers


def test_ready_says_so_while_the_database_answers(client):
    answer = client.get("/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


def test_the_dashboards_document_needs_a_session(client):
    assert client.get("/clinic").status_code == 303

    client.post("/sign-in", data={"passphrase": PASSPHRASE})

    assert "The dashboard is loading." in client.get("/clinic").text
