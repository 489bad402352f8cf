import asyncio
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data import languages
from data import settings as clinic_settings
from pages import front_door
from pages.web import faults, headers, rendering, visitor

ROUTES = [(method, route.path) for route in front_door.ROUTES for method in sorted(route.methods - {"HEAD"})]
FIELDS = [
    "key",
    "window",
    "none",
    "language",
    "code",
    "ticked",
    "receipt",
    "action",
    "passphrase",
    "next",
    "link",
    "use",
]
NAMES = ["accept-language", "accept-encoding", "cookie", "host", "origin", "content-type", "content-length", "x-y"]
AWKWARD = [b"EN", b"en_US", b"[", b"[::1", b"\xff", b"a\x00b", b"%ff%", b"%ED%A0%80", b"sent=\xff; clinic_session=\xe9"]
AWKWARD += [b"es;q=", b"*", b"http://[", b":0:0", b"x" * 3000, b'sent="\\777', "é".encode(), b"clinic.example:99999"]
values = st.sampled_from(AWKWARD) | st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8"))
in_forms = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4).map(
    lambda form: "&".join(f"{name}={quote_from_bytes(value)}" for name, value in form.items()).encode()
)
queries = st.lists(
    st.tuples(st.sampled_from([b"i", b"language", b"door", b"next", b"receipt", b"x", b""]), values), max_size=3
).map(lambda pairs: b"&".join(name + b"=" + value for name, value in pairs))


def answer(app, method, path, *, query=b"", header=(), body=b""):
    """Send a request as bytes, past any client that would refuse them; return status and headers of the answer."""
    sent = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [*header],
        "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 80),
    }
    received = iter([{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}])

    async def receive():
        return next(received)

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.dictionaries(st.sampled_from(NAMES), values, max_size=4), query=queries, body=in_forms)
@example(header={"accept-language": b"EN"}, query=b"", body=b"")
@example(header={"host": b"["}, query=b"i=\xff", body=b"passphrase=x")
@example(header={"host": b"clinic.example"}, query=b"language=\xe9&next=\xff", body=b"language=xx")
def test_no_header_no_query_and_no_form_is_a_fault(client, method, path, header, query, body):
    form = {"content-type": b"application/x-www-form-urlencoded"} if method == "POST" else {}
    raw = [(name.encode(), value) for name, value in (form | header).items()]

    assert answer(client.app, method, path, query=query, header=raw, body=body)[0] < 500


def broken(*_args, **_kwargs):
    raise RuntimeError("a value that only the patient may see")


def assert_in_plain_words(client, caplog, *, method="GET", path="/plain"):
    caplog.clear()

    shown = client.request(method, path)

    assert shown.status_code == 500
    assert faults.WORDS in shown.text
    assert headers.headers().keys() <= shown.headers.keys()
    assert [record.message.split(" at ")[0] for record in caplog.records] == ["page fault: RuntimeError"]
    assert "only the patient" not in caplog.text + shown.text


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (languages, "choose"),
        (languages, "translations"),
        (visitor, "language"),
        (rendering, "rendered"),
        (rendering, "_templates"),
        (clinic_settings, "current"),
    ],
)
def test_the_answer_to_a_fault_does_not_depend_on_its_cause(client, caplog, monkeypatch, module, name):
    rendering._templates.cache_clear()
    headers.headers.cache_clear()

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        assert_in_plain_words(client, caplog)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/plain"), ("POST", "/plain"), ("GET", "/poster")])
def test_a_refusal_that_fails_is_answered_in_plain_words_too(client, caplog, configure, monkeypatch, method, path):
    configure(open_link="off")  # so that there is no poster
    monkeypatch.setattr(languages, "choose", broken)

    assert_in_plain_words(client, caplog, method=method, path=path)


def test_a_database_that_is_gone_is_answered_even_where_the_words_fail(
    client, caplog, configure, monkeypatch, tmp_path
):
    configure(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}", secret_key="s" * 32)
    monkeypatch.setattr(rendering, "rendered", broken)

    shown = client.get("/clinic")

    assert shown.status_code == 500
    assert faults.WORDS in shown.text
