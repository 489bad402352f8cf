import gzip
import re

import brotli
import pytest

from data import VERSION, catalogue
from data.storage import readiness
from pages.streamlit_inside import bundle, index
from pages.streamlit_inside.bundle import INDEX, STATIC
from pages.streamlit_inside.static import FONTS, _kept
from pages.web import scripts
from tests.app import PASSPHRASE
from tests.conftest import PRODUCTION


def test_the_clinicians_document_is_streamlits_with_our_splash():
    document = index.documents()["/clinic"]

    assert '<div id="root"><style>' in document
    assert "<style>:root{color-scheme:light dark;" in document
    assert "Dashboard: loading." in document
    assert "<title>Dashboard</title>" in document
    streamlits = re.findall(r'src="(\./static/[^"]+)"', INDEX)
    assert streamlits
    assert all(script in document for script in streamlits)


def test_the_browsers_language_is_the_forms(client):
    shown = client.get("/", headers={"accept-language": "eo, es-MX;q=0.9, en;q=0.8"})

    assert '<html lang="es" data-form="html">' in shown.text
    assert "<title>Cuestionario · Demonstration Clinic</title>" in shown.text


def test_every_script_of_streamlits_form_is_named_after_those_it_imports():
    files = bundle.files()
    names = [address.rpartition("/")[2] for address in [*files["parts"], files["entry"], *files["late"]]]
    preloaded = re.findall(r'<link rel="modulepreload" crossorigin href="\./static/js/([^"]+)">', INDEX)

    assert set(preloaded) <= set(names[: len(files["parts"])])
    assert {bundle._file(element) for element in bundle.ELEMENTS} <= set(names)
    for at, name in enumerate(names[: len(files["parts"])]):
        source = (STATIC / "static" / "js" / name).read_text(encoding="utf-8")
        assert set(bundle._IMPORT.findall(source)) <= set(names[:at]), name


def test_another_streamlit_that_names_its_files_otherwise_is_named(monkeypatch):
    monkeypatch.setattr(bundle, "INDEX", INDEX.replace("module", "script"))

    with pytest.raises(bundle.AnotherStreamlit, match="entry"):
        bundle.files()


def test_another_streamlit_whose_document_has_no_place_for_the_splash_is_named(monkeypatch):
    monkeypatch.setattr(bundle, "INDEX", INDEX.replace('<div id="root"></div>', ""))

    with pytest.raises(bundle.AnotherStreamlit, match="root"):
        index._document("")


def test_what_is_tried_is_what_streamlits_bundle_needs_in_words_that_the_oldest_engine_parses(client):
    script = client.get(scripts.ADDRESSES["engine"]).text
    code = re.sub("//.*", "", script)

    assert 'new RegExp("", "v")' in code
    assert re.search(r"RegExp\(`[^`]*`,`g?v`\)", SCRIPT.read_text(encoding="utf-8"))
    assert re.findall(r"=>|`|\?\.|\?\?|\.\.\.|\b(?:let|const|class|async|of)\b", code) == []


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
    for path in ("/", "/clinic", "/sign-in", "/set-up", "/ready", "/page.js", *scripts.SERVED):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "strict-origin", path
        assert headers["x-frame-options"] == "DENY", path


SCRIPT = next((STATIC / "static" / "js").glob("index.*.js"))


@pytest.mark.parametrize(
    ("accepted", "encoding", "decoded"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("GZIP ; q=0.5", "gzip", gzip.decompress),
    ],
)
def test_static_text_comes_in_the_best_compression_the_browser_takes(client, accepted, encoding, decoded):
    with client.stream("GET", f"/static/js/{SCRIPT.name}", headers={"accept-encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())

    assert decoded(body) == SCRIPT.read_bytes()
    assert answer.headers["content-encoding"] == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) == len(body) < 0.4 * SCRIPT.stat().st_size
    assert "javascript" in answer.headers["content-type"]


def test_the_same_bytes_are_kept_for_the_next_visitor(client):
    path = f"/static/js/{SCRIPT.name}"

    client.get(path, headers={"accept-encoding": "br"})
    first = _kept[path, "br"]

    client.get(path, headers={"accept-encoding": "br"})

    assert _kept[path, "br"] is first


def test_an_uncompressed_static_file_varies_too(client):
    path = f"/static/js/{SCRIPT.name}"

    answer = client.get(
        path, headers={"accept-encoding": "identity, br;q=0"}
    )  # no Streamlit behind: 404, with the header

    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_bundled_fonts_are_for_clinicians_only(client):
    assert len([font for font in FONTS if "MaterialSymbols" in font]) == 1
    assert len([font for font in FONTS if "SourceSans" in font]) == 2
    for font in FONTS:
        refused = client.get(font)
        assert (refused.status_code, refused.headers["cache-control"]) == (404, "no-store")
        passed_on = client.get(font, headers={"cookie": "clinic_session=x"})  # no Streamlit behind: 404, but not ours
        assert "cache-control" not in passed_on.headers


def test_ready_says_so_while_the_database_answers(client):
    answer = client.get("/ready")

    assert answer.status_code == 200
    state = {"status": "ready", "database": "stores", "schema": 7, "backup_age_hours": None}
    assert answer.json() == state | {"version": VERSION, "proxy": "none"}


def test_ready_is_503_while_nothing_can_be_stored(client, monkeypatch):
    monkeypatch.setattr(readiness, "why_not", lambda: "it does not store")

    answer = client.get("/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["database"] == "it does not store"


def test_ready_is_no_success_while_the_check_in_cannot_be_made(client, monkeypatch):
    monkeypatch.setattr(catalogue, "WINDOWS", None)

    assert client.get("/ready").status_code == 500


def test_the_dashboards_document_needs_a_session(client):
    assert client.get("/clinic").status_code == 303

    client.post("/sign-in", data={"passphrase": PASSPHRASE})

    assert "Dashboard: loading." in client.get("/clinic").text
