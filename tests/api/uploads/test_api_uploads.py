"""Uploads over HTTP: what is accepted, what is refused, and that refused files leave nothing."""

import asyncio
import errno
import hashlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from structlog.testing import capture_logs

from api.app import create_app
from api.http.problems import unexpected
from claims.model.terms import Role
from records.database.engine import Records
from runtime.settings import Settings
from tests.support.api import upload_files
from tests.support.api.api_caller import Caller, calling
from tests.support.api.claim_uploads import NUMBER, late_claim, on_disk, upload
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER

LIMIT = 200 * 1024


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A small limit, so that tests are fast."""
    return settings.model_copy(update={"attachment_limit": LIMIT})


@pytest.fixture
def late(records: Records) -> Paper:
    """A recorded claim with letters."""
    return late_claim(records)


async def test_a_file_comes_back_as_it_was_sent(api: Caller, late: Paper) -> None:
    answer = await upload(api)
    body = answer.json()
    assert answer.status_code == 201
    assert body["sha256"] == hashlib.sha256(upload_files.PDF).hexdigest()
    assert (body["size"], body["media_type"], body["kind"]) == (
        len(upload_files.PDF),
        "application/pdf",
        None,
    )
    assert answer.headers["location"] == f"/attachments/{body['id']}"
    back = await api.get(f"/attachments/{body['id']}", Role.HANDLER, at=POWER)
    assert (back.status_code, back.content) == (200, upload_files.PDF)


async def test_a_file_that_cannot_be_stored_is_said_to_be_with_its_cause(api: Caller, late: Paper) -> None:
    api.settings.attachments.write_bytes(b"")
    answer = await upload(api)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "文件没有保存：服务器存不下" in answer.json()["detail"]
    assert str(api.settings.home) not in answer.text


def test_a_full_disk_is_named_wherever_it_is_met() -> None:
    full, other = OSError(errno.ENOSPC, "x"), OSError(errno.EIO, "x")
    assert "磁盘已满" in unexpected(full).detail
    assert (unexpected(full).kind.status, unexpected(other).kind.status) == (503, 500)


async def test_the_same_file_twice_is_the_same_attachment(api: Caller, late: Paper) -> None:
    first, second = await upload(api), await upload(api, name="又一次.pdf", role=Role.HEAD)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    listed = (await api.get(f"/claims/{NUMBER}/attachments", Role.HANDLER, at=POWER)).json()
    assert [one["id"] for one in listed["attachments"]] == [first.json()["id"]]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (upload_files.PDF, "照片.png"),
        (upload_files.PNG, "表.pdf"),
        (upload_files.JPEG, "无后缀"),
        (upload_files.docx(), "审核反馈表.docx"),
    ],
)
async def test_the_type_is_told_by_what_the_file_holds(
    api: Caller, late: Paper, data: bytes, name: str
) -> None:
    answer = await upload(api, data, name, media_type="text/html")
    assert answer.status_code == 201
    assert answer.json()["media_type"] != "text/html"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (upload_files.EXE, "发票.pdf"),
        (upload_files.zipped(**{"a.txt": "a"}), "审核表.docx"),
        (upload_files.HTML, "签字件.jpg"),
        ("签字".encode(), "签字.txt"),
    ],
)
async def test_any_other_type_is_415_and_leaves_nothing(
    api: Caller, late: Paper, data: bytes, name: str
) -> None:
    answer = await upload(api, data, name)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:zaoying:problem:unsupported-file")
    assert answer.headers["content-type"] == "application/problem+json"
    assert on_disk(api.settings) == []


async def test_an_empty_file_is_422(api: Caller, late: Paper) -> None:
    answer = await upload(api, b"")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")


async def test_a_file_at_the_limit_is_taken_and_one_above_is_413(api: Caller, late: Paper) -> None:
    full = (
        upload_files.PDF[:9]
        + b"%"
        + b" " * (LIMIT - len(upload_files.PDF) - 2)
        + b"\n"
        + upload_files.PDF[9:]
    )
    assert (await upload(api, full)).status_code == 201
    answer = await upload(api, full + b" ")
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:zaoying:problem:too-large")
    assert len(on_disk(api.settings)) == 1


async def test_a_form_far_above_the_limit_is_refused_unread(api: Caller, late: Paper) -> None:
    assert (await upload(api, upload_files.PDF * 20_000)).status_code == 413


async def test_a_chunked_form_above_the_limit_is_413(api: Caller, late: Paper) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(LIMIT // 10_000 + 10):
            yield b" " * 10_000

    headers = {
        **api.headers(Role.HANDLER, POWER),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    answer = await api.http.post("/attachments", content=chunks(), headers=headers)
    assert answer.status_code == 413
    assert on_disk(api.settings) == []


async def test_a_large_file_does_not_loosen_the_limit_of_other_bodies(settings: Settings) -> None:
    roomy = settings.model_copy(update={"attachment_limit": 20 * 1024 * 1024})
    async with calling(roomy) as api:
        headers = {**api.headers(Role.OPERATOR), "Content-Type": "multipart/form-data; boundary=x"}
        answer = await api.http.post("/claims", content=b" " * (1024 * 1024 + 1), headers=headers)
        assert answer.status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("", b"", 415),
        ("multipart/form-data", b"x", 422),
        ("multipart/form-data; boundary=x", b"", 422),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n", 422),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="claim"\r\n\r\na',
            422,
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\na\r\n--x--\r\n", 422),
    ],
)
async def test_what_is_no_such_form_is_refused(
    api: Caller, late: Paper, content_type: str, body: bytes, status: int
) -> None:
    headers = {**api.headers(Role.HANDLER, POWER), "Content-Type": content_type}
    answer = await api.http.post("/attachments", content=body, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (status, "R70")


async def test_a_form_cut_off_before_its_end_is_422_and_leaves_nothing(api: Caller, late: Paper) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="claim"\r\n\r\n' + NUMBER.encode()
    body += (
        b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + upload_files.PDF
    )
    headers = {**api.headers(Role.HANDLER, POWER), "Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.http.post("/attachments", content=body, headers=headers)
    assert (answer.status_code, on_disk(api.settings)) == (422, [])
    whole = await api.http.post("/attachments", content=body + b"\r\n--x--\r\n", headers=headers)
    assert whole.status_code == 201


async def test_a_connection_that_breaks_off_leaves_nothing(settings: Settings, late: Paper) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with calling(settings) as api:
        token = api.headers(Role.HANDLER, POWER)["Authorization"]
    _, writer = await asyncio.open_connection(*listening.getsockname())
    head = (
        f"POST /attachments HTTP/1.1\r\nHost: api\r\nAuthorization: {token}\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    )
    writer.write(head.encode() + upload_files.PDF)
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    with capture_logs() as logs:
        server.should_exit = True
        await running
    assert on_disk(settings) == []
    assert not [line for line in logs if line["event"] == "request-failed"]


async def test_a_form_for_nothing_or_for_two_things_is_422(api: Caller, late: Paper) -> None:
    for sent, field in (
        ({"claim": " "}, "claim"),
        ({"claim": NUMBER, "measure": "ZZ-GD/interview/x"}, "measure"),
    ):
        headers = api.headers(Role.HANDLER, POWER)
        file = {"file": ("a.pdf", upload_files.PDF)}
        answer = await api.http.post("/attachments", files=file, data=sent, headers=headers)
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert on_disk(api.settings) == []


@pytest.mark.parametrize("field", ["file", "claim"])
async def test_a_form_without_one_of_its_fields_names_it(api: Caller, late: Paper, field: str) -> None:
    fields: dict[str, tuple[str | None, bytes]] = {
        "file": ("a.pdf", upload_files.PDF),
        "claim": (None, NUMBER.encode()),
    }
    sent = {name: value for name, value in fields.items() if name != field}
    headers = api.headers(Role.HANDLER, POWER)
    answer = await api.http.post("/attachments", files=sent, headers=headers)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


async def test_nobody_uploads_without_a_token(api: Caller) -> None:
    answer = await api.http.post("/attachments", files={"file": ("a.pdf", upload_files.PDF)})
    assert answer.status_code == 401


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
async def test_who_changes_nothing_uploads_nothing(api: Caller, late: Paper, role: Role) -> None:
    answer = await upload(api, role=role, at="")
    assert (answer.status_code, answer.json()["rule"]) == (403, "§1")


@pytest.mark.parametrize("claim", ["QH202611249999", "../..", "QH 1", "签" * 50])
async def test_a_claim_that_is_not_there_is_404(api: Caller, late: Paper, claim: str) -> None:
    answer = await upload(api, claim=claim)
    assert (answer.status_code, on_disk(api.settings)) == (404, [])


async def test_many_uploads_at_once_of_one_file_are_one_attachment(api: Caller, late: Paper) -> None:
    answers = await asyncio.gather(*(upload(api) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
