"""The codec server of the Temporal UI: who can read what, and an administrator's input."""

import json
from base64 import b64decode, b64encode
from datetime import date
from typing import Final

import httpx
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from activities.workflow_ids import clue_workflow_id
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Role
from records.contact_readings import ReadFilter, contact_reads
from records.database.engine import Records
from runtime.payloads.codec import key_id_of
from runtime.payloads.keys import new_keys, write_keys
from runtime.payloads.origin import PayloadOrigin, origin_of, person_of
from runtime.settings import Settings
from service_layer.codec_server.redaction import HIDDEN
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import OPERATOR, order
from tests.support.payload_keys import converter, without_clues
from workflows.messages import Opening

ORIGIN: Final = "http://127.0.0.1:8233"
NUMBER: Final = "QH202611240001"
OPENING: Final = Opening(number=NUMBER, order=order(), actor=OPERATOR)
WORDS: Final = Envelope(actor=OPERATOR, body={"request_id": "r-1", "text": "王经理来电13912345678催办"})

pytestmark = pytest.mark.rule("R70")


async def sealed(*values: object) -> dict[str, object]:
    """Return payloads as stored by the server and sent by the UI."""
    return as_json(await converter().encode(values))


def as_json(payloads: list[Payload]) -> dict[str, object]:
    return {
        "payloads": [
            {
                "metadata": {name: b64encode(value).decode() for name, value in one.metadata.items()},
                "data": b64encode(one.data).decode(),
            }
            for one in payloads
        ]
    }


def contents(answer: httpx.Response) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    return [b64decode(one["data"]) for one in answer.json()["payloads"]]


async def test_an_auditor_reads_all_and_the_reading_is_on_record(api: Caller, records: Records) -> None:
    answer = await api.post("/codec/decode", await sealed(OPENING, WORDS), Role.AUDITOR)
    opening, words = contents(answer)
    assert json.loads(opening)["order"]["enterprise"] == order().enterprise
    assert "王经理来电" in words.decode()
    [read] = contact_reads(records, ReadFilter())
    assert (read.number, read.roles, read.route) == (NUMBER, (Role.AUDITOR,), "POST /codec/decode")


async def test_an_administrator_reads_how_a_claim_stands_and_nothing_that_people_wrote(
    api: Caller, records: Records
) -> None:
    answer = await api.post("/codec/decode", await sealed(OPENING, WORDS, "手写13912345678"), Role.ADMIN)
    found = contents(answer)
    shown = json.loads(found[0])
    assert (shown["number"], shown["order"]["channel"]) == (NUMBER, "12345")
    assert shown["order"]["district_name"] == "滕州市"
    assert json.loads(found[1])["body"]["request_id"] == "r-1"
    text = b"".join(found).decode()
    given = order()
    for secret in (given.enterprise, given.contact, given.phone, given.matter[:4], "王经理", "139", "手写"):
        assert secret not in text
    assert len(contact_reads(records, ReadFilter())) == 1


async def test_an_administrator_reads_what_the_ui_says_of_a_workflow(api: Caller) -> None:
    details = {"definition": {"type": "Claim"}, "currentDetails": "## QH1　办理中\n- **等待：枣庄供电公司**"}
    metadata = Payload(
        metadata={"encoding": b"json/protobuf", "messageType": b"temporal.api.sdk.v1.WorkflowMetadata"},
        data=json.dumps(details).encode(),
    )
    sealed_names = await converter().encode(["求助 · 滕州市 · 12345", "预警：联系时限"])
    codec = converter().payload_codec
    assert codec is not None
    asked = as_json([*await codec.encode([metadata]), *sealed_names])
    found = contents(await api.post("/codec/decode", asked, Role.ADMIN))
    assert [json.loads(one) for one in found] == [details, "求助 · 滕州市 · 12345", "预警：联系时限"]


async def test_what_names_no_claim_is_on_record_too(api: Caller, records: Records) -> None:
    await api.post("/codec/decode", await sealed(WORDS), Role.ADMIN)
    assert [read.number for read in contact_reads(records, ReadFilter())] == [""]


@pytest.mark.rule("R64")
@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.AUDITOR, Role.ADMIN])
async def test_a_clue_is_decoded_for_inspectors_alone(api: Caller, role: Role) -> None:
    context = WorkflowSerializationContext(namespace="default", workflow_id=clue_workflow_id("1"))
    payloads = await converter().with_context(context).encode([{"text": "收受礼金"}, "短句"])
    assert [key_id_of(one).partition("-")[0] for one in payloads] == ["clue", "clue"]
    found = contents(await api.post("/codec/decode", as_json(payloads), role))
    wanted = [{"text": "收受礼金"}, "短句"] if role is Role.INSPECTOR else [HIDDEN, HIDDEN]
    assert [json.loads(one) for one in found] == wanted


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONSOLE])
async def test_others_read_nothing_and_type_nothing(api: Caller, role: Role) -> None:
    body = await sealed(WORDS)
    decoded = await api.post("/codec/decode", body, role, at="BB" if role is Role.ARBITER else "ZZ-GD")
    assert decoded.status_code == (200 if role in (Role.ADMIN, Role.AUDITOR, Role.INSPECTOR) else 403)
    typed = await api.post("/codec/encode", body, role, at="BB" if role is Role.ARBITER else "ZZ-GD")
    assert typed.status_code == (200 if role is Role.ADMIN else 403)


async def test_a_stranger_is_not_answered(api: Caller) -> None:
    for path in ("/codec/decode", "/codec/encode", "/codec/session"):
        assert (await api.http.post(path, json=await sealed(WORDS))).status_code == 401


async def test_what_is_typed_is_the_administrators(api: Caller) -> None:
    plain = Payload(metadata={"encoding": b"json/plain", "zaoying-origin": b"program"}, data=b"{}")
    answer = await api.http.post(
        "/codec/encode", json=as_json([plain]), headers=api.headers(Role.ADMIN, name="张三")
    )
    [one] = answer.json()["payloads"]
    typed = Payload(
        metadata={name: b64decode(value) for name, value in one["metadata"].items()},
        data=b64decode(one["data"]),
    )
    codec = converter().payload_codec
    assert codec is not None
    [found] = await codec.decode([typed])
    assert (origin_of(found), person_of(found), found.data) == (PayloadOrigin.CONSOLE, "张三", b"{}")


async def test_the_embedded_ui_signs_in_by_a_cookie(api: Caller) -> None:
    page = await api.http.get("/codec/session")
    assert "text/html" in page.headers["content-type"]
    refused = await api.http.post("/codec/session", headers=api.headers(Role.HANDLER, "ZZ-GD"))
    assert refused.status_code == 403
    signed_in = await api.http.post("/codec/session", headers=api.headers(Role.AUDITOR))
    assert signed_in.status_code == 204
    cookie = signed_in.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/codec"))
    answer = await api.http.post("/codec/decode", json=await sealed(WORDS))
    assert "王经理" in contents(answer)[0].decode()
    assert (await api.http.get("/claims")).status_code == 401, "the cookie is for nothing else"
    elsewhere = await api.http.post(
        "/codec/decode", json=await sealed(WORDS), headers={"Origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 401
    api.http.cookies.clear()


async def test_only_the_uis_pages_may_ask_from_another_origin(api: Caller) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = await api.http.options("/codec/decode", headers={"Origin": ORIGIN, **asked})
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert allowed.headers["access-control-allow-credentials"] == "true"
    foreign = await api.http.options("/codec/decode", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in foreign.headers
    stranger = await api.http.post("/codec/decode", json={}, headers={"Origin": ORIGIN})
    assert (stranger.status_code, stranger.headers["access-control-allow-origin"]) == (401, ORIGIN)
    assert (
        "access-control-allow-origin"
        not in (await api.http.get("/claims", headers={"Origin": ORIGIN})).headers
    )


@pytest.mark.parametrize(
    "body", [{"payloads": [{"data": "?"}]}, {"payloads": 5}, {"payloads": [{"metadata": {"encoding": "x"}}]}]
)
async def test_what_is_no_payload_is_refused(api: Caller, body: dict[str, object]) -> None:
    assert (await api.post("/codec/decode", body, Role.AUDITOR)).status_code == 422


async def test_torn_and_unencrypted_payloads_come_back_as_they_are_to_an_auditor(api: Caller) -> None:
    torn = Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"program-x"}, data=b"x")
    answer = await api.post("/codec/decode", as_json([torn]), Role.AUDITOR)
    assert answer.status_code == 503
    assert "没有这把密钥" in answer.json()["detail"]
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"x"')
    assert contents(await api.post("/codec/decode", as_json([plain]), Role.AUDITOR)) == [b'"x"']


@pytest.mark.rule("R64")
async def test_an_api_without_the_key_of_clues_says_so_to_inspectors_alone(settings: Settings) -> None:
    fewer = settings.home / "fewer-keys.toml"
    write_keys(fewer, without_clues(new_keys(date(2026, 11, 24))))
    async with calling(settings.model_copy(update={"payload_keys_file": fewer})) as api:
        answer = await api.get("/clues", Role.INSPECTOR)
        assert (answer.status_code, answer.json()["rule"]) == (503, "R64")
        assert "zaoying keys new" in answer.json()["instead"]
        assert (await api.get("/clues", Role.SUPERVISOR)).status_code == 404
