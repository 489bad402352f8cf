"""Warnings at start-up: settings that work, but probably not as intended."""

import os
import re
import zlib
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from data import settings
from data.settings import rules, secrets_file

_LEAST_BYTES = 30  # 32 random digits or letters never compress below this; repeated words do
_USUAL = re.compile("chang|secret|passw|example|abcdef|123456", re.IGNORECASE)


def sentences() -> list[str]:
    """Return one sentence for each warning, without any value. Raises `settings.InvalidSettings`."""
    current = settings.current()
    return [*_unknown_names(), *_network(current), *_secret_key(current), *_accounts(current)]


def _unknown_names() -> Iterator[str]:
    held = secrets_file.read(settings.SECRETS_FILE)
    in_file = [name for name in secrets_file.names(held) if settings.PREFIX in name.upper()]
    for name in sorted([*(name for name in os.environ if name.upper().startswith(settings.PREFIX)), *in_file]):
        if name.rpartition(".")[2] in settings.NAMES and name not in settings.NAMES:
            yield f"{name} is ignored: in {settings.SECRETS_FILE.name}, settings go above the first [section]"
        elif name not in settings.NAMES:
            yield f"{name} is not a setting; .readme/operating.md lists them"


def _network(current: settings.Settings) -> Iterator[str]:
    public_url, proxies = current.public_url, os.environ.get("FORWARDED_ALLOW_IPS")
    if public_url and public_url.startswith("http:") and not _is_loopback(public_url):
        yield "CHECKIN_PUBLIC_URL begins with http: answers and the passphrase travel unencrypted; use https"
    if public_url and proxies is None:
        yield "FORWARDED_ALLOW_IPS is not set: behind a proxy all visitors seem to be one (see .readme/operating.md)"
    if proxies and {part.strip() for part in proxies.split(",")} & {"*", "0.0.0.0/0", "::/0"}:
        yield "FORWARDED_ALLOW_IPS lets anyone claim any address and so evade limits: name only the proxy"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _secret_key(current: settings.Settings) -> Iterator[str]:
    key = (current.secret_key or "").encode()
    if key and (len(zlib.compress(key, 9)) < _LEAST_BYTES or _USUAL.search(key.decode())):
        yield (
            "CHECKIN_SECRET_KEY can be guessed: it consists of words, repeats or a sequence. Before patients use "
            f"the check-in, make a new one with {rules.MAKES_A_KEY}"
        )


def _accounts(current: settings.Settings) -> Iterator[str]:
    if current.oidc_issuer and current.passphrase_hash:
        yield "CHECKIN_PASSPHRASE_HASH is ignored: with CHECKIN_OIDC_ISSUER, staff sign in with their accounts alone"
    if current.oidc_issuer and not current.staff_roles:
        yield "CHECKIN_STAFF is empty: with CHECKIN_OIDC_ISSUER, nobody can sign in until it lists addresses"
    if current.staff_roles and not current.oidc_issuer:
        yield "CHECKIN_STAFF is ignored: it lists who may sign in by CHECKIN_OIDC_ISSUER, which is not set"
