"""Who may call: tokens of an identity provider, checked against its published keys."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from api.app import create_app
from runtime.settings import Settings
from service_layer.identity.authenticator import MisconfiguredTokens
from tests.support.api.api_caller import calling

SOON = datetime(2099, 1, 1, tzinfo=UTC)
ISSUER, AUDIENCE = "https://id.example", "zaoying"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
GOOD = {"sub": "u-1", "roles": ["operator"], "iss": ISSUER, "aud": AUDIENCE, "exp": SOON}


class Keys(BaseHTTPRequestHandler):
    """The provider's key page."""

    def do_GET(self) -> None:
        keys = [
            {
                **RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True),
                "kid": "rsa",
                "use": "sig",
                "alg": "RS256",
            },
            {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "ec", "use": "sig", "alg": "ES256"},
        ]
        body = json.dumps({"keys": keys}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()
        thread.join()


async def status(settings: Settings, token: str) -> int:
    async with calling(settings) as api:
        answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code


def provided(settings: Settings, jwks_url: str) -> Settings:
    return settings.model_copy(update={"jwks_url": jwks_url, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE})


async def test_tokens_of_the_providers_keys_are_taken(settings: Settings, jwks_url: str) -> None:
    settings = provided(settings, jwks_url)
    rs256 = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "rsa"})
    es256 = jwt.encode(GOOD, EC, algorithm="ES256", headers={"kid": "ec"})
    assert [await status(settings, token) for token in (rs256, es256)] == [200, 200]


@pytest.mark.parametrize(
    "changed", [{"iss": "https://other.example"}, {"aud": "other"}, {"exp": datetime(2020, 1, 1, tzinfo=UTC)}]
)
async def test_another_issuer_or_audience_or_time_is_401(
    settings: Settings, jwks_url: str, changed: dict[str, object]
) -> None:
    token = jwt.encode({**GOOD, **changed}, RSA, algorithm="RS256", headers={"kid": "rsa"})
    assert await status(provided(settings, jwks_url), token) == 401


async def test_an_unknown_key_or_a_shared_secret_is_401(settings: Settings, jwks_url: str) -> None:
    settings = provided(settings, jwks_url)
    unknown = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "other"})
    secret = jwt.encode(GOOD, "s" * 32, algorithm="HS256", headers={"kid": "rsa"})
    assert [await status(settings, token) for token in (unknown, secret)] == [401, 401]


async def test_a_provider_that_is_away_is_503(settings: Settings) -> None:
    settings = provided(settings, "http://127.0.0.1:1/keys")
    token = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "rsa"})
    assert await status(settings, token) == 503


def test_a_provider_without_issuer_and_audience_is_refused_at_the_start(settings: Settings) -> None:
    with pytest.raises(MisconfiguredTokens, match="ZAOYING_JWT_ISSUER"):
        create_app(settings.model_copy(update={"jwks_url": "http://127.0.0.1:1/keys"}))
