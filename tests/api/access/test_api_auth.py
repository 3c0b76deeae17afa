"""Authentication with tokens of our own key."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from claims.model.terms import Role
from records.access.token_revocations import Revocation, RevokedBy, revoke
from service_layer.clock import now
from service_layer.identity.tokens import issue_token
from tests.support.api.api_caller import Caller
from tests.support.claims.people import POWER

SOON = now() + timedelta(hours=1)
ISSUED = now()


async def status_name(api: Caller, token: str) -> tuple[int, str]:
    answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


async def test_no_token_is_401_with_a_challenge(api: Caller) -> None:
    answer = await api.get("/claims")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "detail", "rule", "request_id"}


@pytest.mark.parametrize("path", ["/health/live", "/docs", "/openapi.json"])
async def test_public_pages_need_no_token(api: Caller, path: str) -> None:
    assert (await api.get(path)).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer not.a.token", "Basic YTpi", "Bearer a b", "token"]
)
async def test_a_header_that_is_no_token_is_401(api: Caller, header: str) -> None:
    answer = await api.http.get("/units", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_no_token_comes_before_what_is_wrong_with_the_body(api: Caller) -> None:
    answer = await api.http.post("/claims", content=b"{", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 401


async def test_an_expired_token_is_401(api: Caller) -> None:
    token = issue_token(api.key, roles=[Role.OPERATOR], lifetime=timedelta(seconds=-1))
    assert await status_name(api, token) == (401, "令牌已过期")


@pytest.mark.parametrize(("hours", "expected"), [(12, 200), (13, 401)])
async def test_a_token_lives_for_12_hours_at_most(api: Caller, hours: int, expected: int) -> None:
    token = issue_token(api.key, roles=[Role.OPERATOR], lifetime=timedelta(hours=hours))
    answer = await api.http.get("/units", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == expected


async def test_one_revoked_token_is_401_and_the_persons_others_are_not(api: Caller) -> None:
    tokens = [issue_token(api.key, roles=[Role.OPERATOR], sub="u-7") for _ in range(2)]
    said = jwt.decode(tokens[0], options={"verify_signature": False})
    await api.app.state.services.records.run(
        revoke, Revocation(kind=RevokedBy.TOKEN, value=said["jti"], at=now(), reason="遗失")
    )
    assert await status_name(api, tokens[0]) == (401, "令牌已被撤销")
    answer = await api.http.get("/units", headers={"Authorization": f"Bearer {tokens[1]}"})
    assert answer.status_code == 200


async def test_everything_that_somebody_had_is_revoked_and_a_later_token_is_taken(api: Caller) -> None:
    before = issue_token(api.key, roles=[Role.OPERATOR], sub="u-8")
    await api.app.state.services.records.run(
        revoke, Revocation(kind=RevokedBy.PERSON, value="u-8", at=now(), reason="离职")
    )
    assert await status_name(api, before) == (401, "令牌已被撤销")
    later = jwt.encode(
        {"sub": "u-8", "roles": ["operator"], "iat": now() + timedelta(seconds=2), "exp": SOON},
        api.key,
        algorithm="EdDSA",
    )
    assert (await status_name(api, later))[1] != "令牌已被撤销"


async def test_a_token_of_another_key_is_401(api: Caller) -> None:
    token = issue_token(Ed25519PrivateKey.generate(), roles=[Role.OPERATOR])
    assert (await status_name(api, token))[0] == 401


async def test_a_token_without_signature_is_401(api: Caller) -> None:
    token = jwt.encode({"sub": "a", "roles": ["operator"], "exp": SOON}, "", algorithm="none")
    assert (await status_name(api, token))[0] == 401


async def test_the_public_key_as_a_shared_secret_is_401(api: Caller) -> None:
    secret = api.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    token = jwt.encode({"sub": "a", "roles": ["operator"], "exp": SOON}, secret, algorithm="HS256")
    assert (await status_name(api, token))[0] == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "a", "roles": ["operator"], "exp": SOON},
        {"sub": "a\x00", "roles": ["operator"], "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": ["operator"], "name": "某\x00某", "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": ["handler"], "unit": "ZZ-GD\x00", "iat": ISSUED, "exp": SOON},
        {"roles": ["operator"], "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": ["operator"]},
        {"sub": "a", "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": [], "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": "operator", "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": [1], "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": ["operator"], "unit": 7, "iat": ISSUED, "exp": SOON},
        {"sub": "a" * 300, "roles": ["operator"], "iat": ISSUED, "exp": SOON},
        {"sub": "a", "roles": ["operator"], "iat": -1e18, "exp": SOON},
    ],
)
async def test_an_incomplete_token_is_401(api: Caller, claims: dict[str, object]) -> None:
    token = jwt.encode(claims, api.key, algorithm="EdDSA")
    assert (await status_name(api, token))[0] == 401


MIXED = "令牌中的身份“{}”不能与其他身份并用，请分别登录"


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"roles": ["mayor"]}, "令牌中的身份“mayor”不存在"),
        ({"roles": ["console"]}, "令牌中的身份“console”不存在"),
        ({"roles": ["operator", "console"]}, "令牌中的身份“console”不存在"),
        ({"roles": ["handler"], "unit": "ZZ-NONE"}, "令牌中的单位“ZZ-NONE”不在组织目录中"),
        ({"roles": ["handler"]}, "承办经办人的令牌没有写明单位（unit）"),
        ({"roles": ["head"], "unit": "LG-ZH"}, "市综合协调组不是承办单位，没有承办经办人和承办单位负责人"),
        ({"roles": ["enterprise"]}, "企业的令牌没有写明企业名称（name）"),
        ({"roles": ["enterprise", "operator"], "name": "甲公司"}, MIXED.format("企业")),
        ({"roles": ["channel", "enterprise"], "name": "甲公司", "channel": "app"}, MIXED.format("来源系统")),
        ({"roles": ["handler", "channel"], "unit": "ZZ-GD", "channel": "app"}, MIXED.format("来源系统")),
    ],
)
async def test_an_unknown_role_or_unit_is_403(api: Caller, claims: dict[str, object], says: str) -> None:
    token = jwt.encode({"sub": "a", "iat": ISSUED, "exp": SOON, **claims}, api.key, algorithm="EdDSA")
    assert await status_name(api, token) == (403, says)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONSOLE])
async def test_every_role_can_call(api: Caller, role: Role) -> None:
    answer = await api.get("/units", role, at=POWER, called="某某")
    assert answer.status_code == 200
