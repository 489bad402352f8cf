import re
import tomllib

import pytest

from pages.streamlit_inside import bundle
from pages.web import headers
from tests.app import ROOT
from tests.conftest import PRODUCTION

POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-…'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src {}; media-src 'self'; object-src 'none'; worker-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "referrer-policy": "strict-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-robots-tag": "noindex",
}


def shown():
    """Return the headers of this process; the digest of Streamlit's own script is another test's."""
    headers.headers.cache_clear()
    ours = headers.headers(*bundle.INLINE)
    return ours | {"content-security-policy": re.sub(r"sha256-[\w+/=]+", "sha256-…", ours["content-security-policy"])}


def test_the_headers_are_these_and_no_others(configure):
    configure()

    assert shown() == ALWAYS | {"content-security-policy": POLICY.format("'self'")}


def test_behind_https_the_browser_is_held_to_it(configure):
    configure(**PRODUCTION)

    assert shown() == ALWAYS | {
        "content-security-policy": POLICY.format("'self' wss://checkin.example.org"),
        "strict-transport-security": "max-age=31536000",
    }


@pytest.mark.parametrize(
    "asked",
    [
        ("GET", "/"),
        ("GET", "/plain"),
        ("POST", "/plain"),
        ("GET", "/clinic"),
        ("GET", "/ready"),
        ("GET", "/page.js"),
        ("GET", "/robots.txt"),
        ("GET", "/favicon.ico"),
        ("GET", "/nowhere"),
        ("GET", "/clinic/_stcore/health"),
        ("GET", "/Code"),
        ("GET", "/plain?i="),
        ("PUT", "/_stcore/upload_file/a/b"),
        ("DELETE", "/plain"),
        ("GET", "http://evil.example/"),
    ],
)
def test_every_answer_has_them(client, asked):
    answer = client.request(*asked)

    ours = headers.headers(*bundle.INLINE)
    assert {name: answer.headers.get(name) for name in ours} == ours


def test_streamlit_is_configured_as_promised():
    configured = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

    assert {section: configured[section] for section in ("server", "runner", "client", "browser")} == {
        "server": {
            "headless": True,
            "fileWatcherType": "none",
            "maxUploadSize": 1,
            "maxMessageSize": 1,
            "maxWidgetStateSize": 1,
            "enableAgentApi": False,
        },
        "runner": {"fastReruns": False, "magicEnabled": False},
        "client": {
            "toolbarMode": "minimal",
            "showErrorDetails": "none",
            "showErrorLinks": False,
            "disableDataExport": True,
        },
        "browser": {"serverAddress": "localhost", "gatherUsageStats": False},
    }
