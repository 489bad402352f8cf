"""An OpenID provider whose answers a test chooses; it serves from a thread of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from data import clock

CLIENT = {"oidc_client_id": "check-in", "oidc_client_secret": "the secret of the check-in"}


class Provider:
    """What it says of itself and of the person; `asked` holds the last question of the check-in."""

    def __init__(self, url: str) -> None:
        self.url, self.asked, self.codes, self.verifiers = url, {}, set(), []
        self.key = self.signing_key = RSAKey.generate_key(2048, {"kid": "1"})
        self.claims: dict[str, object] = {"email": "Ana@clinic.org", "email_verified": True}
        self.about_person: dict[str, object] = {}  # at the userinfo endpoint

    @property
    def settings(self) -> dict[str, str]:
        return {"oidc_issuer": self.url, **CLIENT}

    def approve(self, address: str) -> str:
        """Do what the person does at the provider: return the address to which it leads back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes.add(code)
        return f"/sign-in/with/account/back?code={code}&state={self.asked['state']}"

    def answer(self, path: str, form: dict[str, list[str]]) -> tuple[int, object]:
        if path == "/.well-known/openid-configuration":
            ends = ("authorization", "token", "userinfo")
            return 200, {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
                **{f"{end}_endpoint": f"{self.url}/{end}" for end in ends},
            }
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return 200, self.about_person
        if form["code"][0] not in self.codes:
            return 400, {"error": "invalid_grant"}
        self.codes.remove(form["code"][0])
        self.verifiers += form["code_verifier"]
        now = int(clock.now().timestamp())
        usual = {"iss": self.url, "aud": CLIENT["oidc_client_id"], "sub": "1", "iat": now, "exp": now + 300}
        claims = usual | {"auth_time": now, "nonce": self.asked["nonce"]} | self.claims
        told = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, told, self.signing_key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}


@contextmanager
def serving() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            status, told = provider.answer(urlsplit(self.path).path, parse_qs(body))
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    provider = Provider(f"http://localhost:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    yield provider
    server.shutdown()
    server.server_close()
