"""Authentication with tokens of an identity provider, checked against its published keys."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import ClassVar, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from structlog.testing import capture_logs

from api.app import create_app
from records.access.token_revocations import Revocation, RevokedBy, revoke
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.errors import ServiceError
from service_layer.identity.configuration import MisconfiguredTokens
from service_layer.identity.provider_keys import ProviderKeys, UnknownKey
from tests.support.api.api_caller import calling
from tests.support.http_server import serving
from tests.support.polling import until

ISSUER, AUDIENCE = "https://id.example", "zaoying"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)
GOOD = {
    "sub": "u-1",
    "roles": ["operator"],
    "iss": ISSUER,
    "aud": AUDIENCE,
    "iat": now(),
    "exp": now() + timedelta(hours=1),
}


class Keys(BaseHTTPRequestHandler):
    """The provider's key page. It does not answer while `gate` is closed; `asked` counts requests."""

    gate = threading.Event()
    asked = 0
    retired: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        if self.path != "/keys":
            self._answer(b"<html></html>", 404 if self.path == "/nowhere" else 200)
            return
        Keys.asked += 1
        Keys.gate.wait(10)
        keys = [
            {
                **RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True),
                "kid": "rsa",
                "use": "sig",
                "alg": "RS256",
            },
            {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "ec", "use": "sig", "alg": "ES256"},
            {
                **RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True),
                "kid": "weak",
                "use": "sig",
                "alg": "RS256",
            },
        ]
        shown = [key for key in keys if key["kid"] not in Keys.retired]
        self._answer(json.dumps({"keys": shown}).encode(), 200)

    def _answer(self, body: bytes, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    with serving(Keys) as port:
        Keys.gate.set()
        yield f"http://127.0.0.1:{port}/keys"


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


async def response_to(settings: Settings, token: str) -> tuple[int, str]:
    async with calling(settings) as api:
        answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("changed", "kid", "said"),
    [
        ({"iss": "https://other.example"}, "rsa", "另一签发方签发（iss 不符）"),
        ({"aud": "other"}, "rsa", "签发给另一系统的（aud 不符）"),
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "rsa", "已过期"),
        ({"iat": datetime(2100, 1, 1, tzinfo=UTC)}, "rsa", "时钟不一致"),
        ({}, "other", "不是本系统认可的签发方所签"),
    ],
)
async def test_another_issuer_audience_time_or_key_is_401_and_named(
    settings: Settings, jwks_url: str, changed: dict[str, object], kid: str, said: str
) -> None:
    token = jwt.encode({**GOOD, **changed}, RSA, algorithm="RS256", headers={"kid": kid})
    code, text = await response_to(provided(settings, jwks_url), token)
    assert code == 401
    assert said in text


async def test_an_unknown_key_or_a_shared_secret_is_401(settings: Settings, jwks_url: str) -> None:
    settings = provided(settings, jwks_url)
    unknown = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "other"})
    secret = jwt.encode(GOOD, "s" * 32, algorithm="HS256", headers={"kid": "rsa"})
    assert [await status(settings, token) for token in (unknown, secret)] == [401, 401]


async def test_a_provider_that_is_away_is_503(settings: Settings) -> None:
    settings = provided(settings, "http://127.0.0.1:1/keys")
    token = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "rsa"})
    assert await status(settings, token) == 503


@pytest.mark.parametrize(
    ("path", "said"),
    [("/keys", ""), ("/nowhere", "答复 HTTP 404"), ("/page", "答复的不是公钥集（JWKS）"), (None, "无法连接")],
)
async def test_keys_that_cannot_be_had_are_said_at_the_start_with_their_cure(
    settings: Settings, jwks_url: str, path: str | None, said: str
) -> None:
    url = jwks_url.replace("/keys", path) if path else "http://127.0.0.1:1/keys"
    with capture_logs() as logged:
        async with calling(provided(settings, url)):
            pass
    reasons = [one["reason"] for one in logged if one["event"] == "provider-keys-unavailable"]
    assert len(reasons) == (1 if said else 0)
    assert all(f"ZAOYING_JWKS_URL {url}）取不到：{said}" in one and "请核对地址" in one for one in reasons)


@pytest.mark.parametrize(
    ("changed", "said", "cure"),
    [
        ({"exp": None}, "没有写明 exp", "在签发方补上"),
        ({"iat": None}, "没有写明 iat", "在签发方补上"),
        ({"exp": now() + timedelta(hours=13)}, "有效期超过12小时", "在签发方改短"),
        ({"roles": "operator"}, "有误：roles", "ZAOYING_JWT_ROLES_CLAIM"),
        ({"roles": None, "name": 7}, "有误：name、roles", "ZAOYING_JWT_NAME_CLAIM"),
    ],
)
async def test_what_a_provider_writes_wrongly_is_named_with_whose_it_is_to_mend(
    settings: Settings, jwks_url: str, changed: dict[str, object], said: str, cure: str
) -> None:
    """Signing in again would give the same token."""
    claims = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    token = jwt.encode(claims, RSA, algorithm="RS256", headers={"kid": "rsa"})
    async with calling(provided(settings, jwks_url)) as api:
        answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert said in answer.json()["detail"]
    assert cure in answer.json()["instead"]


async def test_unknown_keys_do_not_hold_up_good_tokens(jwks_url: str) -> None:
    seconds = count(0, 10)
    keys = ProviderKeys(jwks_url, clock=lambda: next(seconds))
    good = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "rsa"})
    bad = [jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": f"x{n}"}) for n in range(16)]
    await keys.key_of(good)
    before = Keys.asked
    Keys.gate.clear()
    try:
        waiting = [asyncio.create_task(keys.key_of(token)) for token in bad]
        await until(lambda: Keys.asked > before)
        assert len([await keys.key_of(good) for _ in range(10)]) == 10
        assert not any(task.done() for task in waiting)
    finally:
        Keys.gate.set()
    errors = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(error) for error in errors} == {UnknownKey}
    assert Keys.asked == before + 1


async def test_keys_that_cannot_be_fetched_for_a_day_are_not_trusted() -> None:
    with serving(Keys) as port:
        Keys.gate.set()
        seconds = [0.0]
        keys = ProviderKeys(f"http://127.0.0.1:{port}/keys", clock=lambda: seconds[0])
        token = jwt.encode(GOOD, RSA, algorithm="RS256", headers={"kid": "rsa"})
        await keys.key_of(token)
    seconds[0] = 11 * 3600.0
    assert (await keys.key_of(token)).key_id == "rsa"
    seconds[0] = 24 * 3600.0
    with pytest.raises(ServiceError, match="身份认证服务"):
        await keys.key_of(token)


async def test_a_retired_key_is_taken_no_longer(jwks_url: str) -> None:
    seconds = [0.0]
    keys = ProviderKeys(jwks_url, clock=lambda: seconds[0])
    token = jwt.encode(GOOD, EC, algorithm="ES256", headers={"kid": "ec"})
    await keys.key_of(token)
    Keys.retired = {"ec"}
    try:
        seconds[0] = 6 * 60.0
        assert (await keys.key_of(token)).key_id == "ec", "the new keys are fetched meanwhile"

        async def is_gone() -> bool:
            with suppress(UnknownKey):
                return (await keys.key_of(token)) is None
            return True

        await until(is_gone)
    finally:
        Keys.retired = set()


@pytest.mark.parametrize(("dated", "status"), [(20, 401), (40, 200)])
async def test_a_provider_whose_clock_is_ahead_saves_nobody_from_being_revoked(
    settings: Settings, jwks_url: str, dated: int, status: int
) -> None:
    """The token was issued before, with the provider's clock."""
    async with calling(provided(settings, jwks_url)) as api:
        gone = Revocation(kind=RevokedBy.PERSON, value="u-1", at=now() - timedelta(seconds=20), reason="离职")
        await api.app.state.services.records.run(revoke, gone)
        token = jwt.encode(
            {**GOOD, "iat": gone.at + timedelta(seconds=dated)},
            RSA,
            algorithm="RS256",
            headers={"kid": "rsa"},
        )
        answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


async def test_a_clock_that_is_off_is_said(settings: Settings, jwks_url: str) -> None:
    ahead = {**GOOD, "iat": now() + timedelta(minutes=10)}
    token = jwt.encode(ahead, RSA, algorithm="RS256", headers={"kid": "rsa"})
    async with calling(provided(settings, jwks_url)) as api:
        answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "时钟" in answer.json()["detail"]


async def test_a_short_key_of_the_provider_is_not_taken(settings: Settings, jwks_url: str) -> None:
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode(GOOD, WEAK, algorithm="RS256", headers={"kid": "weak"})
    assert await status(provided(settings, jwks_url), token) == 401


async def test_the_settings_say_what_the_provider_calls_things(settings: Settings, jwks_url: str) -> None:
    names = {
        "jwt_roles_claim": "realm_access.roles",
        "jwt_unit_claim": "https://city.example/unit",
        "jwt_roles": {"zaoying-head": "head"},
    }
    settings = provided(settings, jwks_url).model_copy(update=names)
    theirs = {
        **{name: value for name, value in GOOD.items() if name != "roles"},
        "realm_access": {"roles": ["offline_access", "zaoying-head"]},
        "https://city.example/unit": "ZZ-GD",
    }
    token = jwt.encode(theirs, EC, algorithm="ES256", headers={"kid": "ec"})
    without = jwt.encode(GOOD, EC, algorithm="ES256", headers={"kid": "ec"})
    assert [await status(settings, one) for one in (token, without)] == [200, 401]


WHOLE: Final = {"jwks_url": "https://id.example/keys", "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"production": True}, "ZAOYING_JWKS_URL、ZAOYING_JWT_ISSUER、ZAOYING_JWT_AUDIENCE"),
        ({"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}, "ZAOYING_JWKS_URL"),
        ({"jwks_url": "https://id.example/keys", "jwt_issuer": ISSUER}, "ZAOYING_JWT_AUDIENCE"),
        ({"jwks_url": "http://id.example/keys", "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}, "https"),
        (
            {
                "production": True,
                "jwks_url": "http://127.0.0.1/keys",
                "jwt_issuer": ISSUER,
                "jwt_audience": AUDIENCE,
            },
            "https",
        ),
        ({**WHOLE, "jwt_roles": {"zy-boss": "boss"}}, "ZAOYING_JWT_ROLES 中的身份 boss 不存在"),
        ({**WHOLE, "jwks_ca_file": Path("/nowhere/ca.pem")}, "ZAOYING_JWKS_CA_FILE /nowhere/ca.pem 无法读取"),
        ({**WHOLE, "jwks_ca_file": Path(__file__)}, "不是 PEM 格式的证书"),
        (
            {
                "jwks_url": "https://id.example/keys",
                "jwt_issuer": "http://id.example",
                "jwt_audience": AUDIENCE,
                "oidc_client_id": "pages",
            },
            "ZAOYING_JWT_ISSUER 须为 https",
        ),
    ],
)
def test_half_a_provider_is_refused_at_the_start(
    settings: Settings, given: dict[str, object], names: str
) -> None:
    with pytest.raises(MisconfiguredTokens, match=names):
        create_app(settings.model_copy(update=given))
    assert not settings.token_key.exists(), "no key of our own instead"


def test_a_provider_without_issuer_and_audience_is_refused_at_the_start(settings: Settings) -> None:
    with pytest.raises(MisconfiguredTokens, match="ZAOYING_JWT_ISSUER"):
        create_app(settings.model_copy(update={"jwks_url": "http://127.0.0.1:1/keys"}))
