"""Sign-in at an identity provider: the code flow with PKCE, against a provider that checks it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from runtime.settings import Settings
from tests.support.http_server import serving
from tests.support.web.page_visits import visiting

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = "zaoying-pages"


class Provider(BaseHTTPRequestHandler):
    """Serves its configuration and key, and exchanges a code for tokens if the verifier matches the challenge."""

    challenge = ""
    roles: tuple[str, ...] = ("operator",)

    def do_GET(self) -> None:
        if self.path == "/keys":
            key = {**RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "k", "alg": "RS256"}
            self._answer(200, {"keys": [key]})
        else:
            self._answer(
                200,
                {
                    "authorization_endpoint": f"{self._own}/authorize",
                    "token_endpoint": f"{self._own}/token",
                },
            )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        proves = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
        if sent["code"] != ["good"] or not proves:
            self._answer(400, {"error": "invalid_grant"})
            return
        claims = {
            "sub": "u-1",
            "name": "刘敏",
            "roles": self.roles,
            "iss": self._own,
            "aud": CLIENT,
            "iat": datetime.now(UTC),
            "exp": datetime.now(UTC) + timedelta(minutes=10),
        }
        token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "k"})
        self._answer(200, {"access_token": "opaque", "id_token": token, "token_type": "Bearer"})

    @property
    def _own(self) -> str:
        return f"http://{self.headers['Host']}"

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def provided(settings: Settings) -> Iterator[Settings]:
    """The settings of a site with this provider."""
    with serving(Provider) as port:
        own = f"http://127.0.0.1:{port}"
        yield settings.model_copy(
            update={
                "jwks_url": f"{own}/keys",
                "jwt_issuer": own,
                "jwt_audience": CLIENT,
                "oidc_client_id": CLIENT,
                "public_url": "http://site",
            }
        )


async def sent_away(http: httpx.AsyncClient) -> dict[str, list[str]]:
    """Return the parameters of the redirect to the provider."""
    away = await http.get("/app/login/start", params={"next": "/app/claims"})
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    Provider.challenge = asked["code_challenge"][0]
    return asked


async def test_somebody_who_signs_in_at_the_provider_comes_back_to_where_they_wanted(
    provided: Settings,
) -> None:
    async with visiting(provided) as http:
        asked = await sent_away(http)
        assert asked["redirect_uri"] == ["http://site/app/login/callback"]
        assert asked["code_challenge_method"] == ["S256"]

        back = await http.get("/app/login/callback", params={"code": "good", "state": asked["state"][0]})
        assert (back.status_code, back.headers["location"]) == (303, "/app/claims")
        assert "刘敏（受理专员）" in (await http.get("/app/login")).text


async def test_another_state_code_or_browser_signs_nobody_in(provided: Settings) -> None:
    async with visiting(provided) as http:
        asked = await sent_away(http)
        state = asked["state"][0]
        wrong = [
            await http.get("/app/login/callback", params={"code": "good", "state": "other"}),
            await http.get("/app/login/callback", params={"code": "stolen", "state": state}),
            await http.get("/app/login/callback", params={"error": "access_denied", "state": state}),
        ]
        http.cookies.clear()
        wrong.append(await http.get("/app/login/callback", params={"code": "good", "state": state}))
    assert [answer.status_code for answer in wrong] == [401] * 4
    assert all("请重新登录" in answer.text for answer in wrong)


async def test_a_provider_that_is_away_is_said_to_be(provided: Settings) -> None:
    away = provided.model_copy(update={"jwt_issuer": "http://127.0.0.1:1"})
    async with visiting(away) as http:
        answer = await http.get("/app/login/start")
    assert answer.status_code == 503
    assert "统一身份认证暂时无法访问" in answer.text
