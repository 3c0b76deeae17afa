"""Notices sent to real receivers: a mail server and HTTP gateways."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import structlog

from claims.model.events import EventKind
from claims.notifications import DeliveryState
from claims.transition import ENTERPRISE
from notices.sender import NO_CONNECTION, REFERENCE_HEADER, TOO_SLOW
from records.access.tracking_codes import send_code
from records.database.engine import Records, open_records
from records.outbox import deliveries, outbox_state
from records.people.city_entries import CityKind, CityVersion, VersionState, propose
from runtime import logs
from tests.support.http_server import LOCAL
from tests.support.notices.notice_receivers import gateway, mail_server
from tests.support.notices.outbox_samples import (
    BRISK,
    NUMBER,
    PUBLIC,
    clock,
    contacts,
    enqueue_notices,
    notice,
    relay_of,
    to_enterprise,
)
from tests.support.notices.relay_process import work
from tests.support.polling import PATIENCE, until
from tests.support.processes.forked_processes import FORKED, kill
from tools import ports

SECRET = "robot-key-4711"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", LOCAL)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def settled(records: Records, state: DeliveryState, count: int) -> bool:
    return outbox_state(records).counts.get(state, 0) == count


@pytest.mark.rule("R20")
async def test_a_dispatch_reaches_every_channel_of_the_unit(records: Records, tmp_path: Path) -> None:
    with mail_server() as mail, gateway() as webhook:
        path = contacts(tmp_path, {"邮箱": mail.url, "企业微信": webhook.url()})
        enqueue_notices(records, notice(1))
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 2))
    (letter,), (posted,) = mail.mails, webhook.got
    text = letter.get_content()
    for said in (text, posted["message"]):
        assert NUMBER in said
        assert "收到派单" in said
        assert f"{PUBLIC}/app/claims/{NUMBER}" in said
        assert "甲公司" not in said
    assert NUMBER in letter["Subject"]
    assert letter[REFERENCE_HEADER] in text
    assert posted["reference"] in posted["message"]


@pytest.mark.rule("R41")
async def test_word_to_the_enterprise_goes_to_its_phone(records: Records, tmp_path: Path) -> None:
    with gateway() as sms:
        path = contacts(tmp_path, {"短信": sms.url("send?:phone={phone}")}, enterprise=["短信"])
        enqueue_notices(records, to_enterprise(1))
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    assert sms.got[0]["phone"] == "13800001234"
    assert f"{PUBLIC}/track?number={NUMBER}" in sms.got[0]["message"]


@pytest.mark.rule("R20")
async def test_a_unit_is_told_over_the_channels_that_two_people_gave_it(
    records: Records, tmp_path: Path
) -> None:
    given = CityVersion(
        id="1",
        kind=CityKind.CHANNELS,
        entry="ZZ-GD",
        content={"id": "ZZ-GD", "channels": ["供电"], "effective_from": "2026-11-24"},
        in_force_from=date(2026, 11, 24),
        reason="换了值班手机",
        state=VersionState.APPROVED,
        proposed_by="a",
        proposer="甲",
        proposed_at=clock(),
        decided_at=clock(),
    )
    propose(records, given)
    with gateway() as by_default, gateway() as own:
        path = contacts(tmp_path, {"总值班": by_default.url(), "供电": own.url()}, default=["总值班"])
        enqueue_notices(records, notice(1), notice(2, "ZZ-SWJ"))
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 2))
    assert (len(own.got), len(by_default.got)) == (1, 1)


@pytest.mark.rule("R39")
async def test_a_code_goes_to_the_phone_and_stands_in_no_ledger(records: Records, tmp_path: Path) -> None:
    enqueue_notices(records)
    code = notice(7, ENTERPRISE, EventKind.TRACKING_CODE, "办理验证码，10分钟内有效")
    late = notice(8, ENTERPRISE, EventKind.TRACKING_CODE, "办理验证码，10分钟内有效")
    with gateway() as sms:
        path = contacts(tmp_path, {"短信": sms.url("send?:phone={phone}")}, enterprise=["短信"])
        assert send_code(records, NUMBER, "111222", late) is None
        assert send_code(records, NUMBER, "314159", code) is None
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 1))
            await until(lambda: settled(records, DeliveryState.FAILED, 1))
    (told,) = sms.got
    assert "314159" in told["message"]
    assert "314159" not in str([line.model_dump() for line in deliveries(records)])


@pytest.mark.rule("R10")
async def test_a_code_for_reporting_goes_to_the_phone_that_asked(records: Records, tmp_path: Path) -> None:
    asked = notice(7, ENTERPRISE, EventKind.TRACKING_CODE, "办理验证码，10分钟内有效")
    with gateway() as sms:
        path = contacts(tmp_path, {"短信": sms.url("send?:phone={phone}")}, enterprise=["短信"])
        assert send_code(records, "phone:1", "271828", asked, phone="13800001234") is None
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    (told,) = sms.got
    assert "271828" in told["message"]
    assert "/report" in told["message"]
    assert "13800001234" in str(told)
    assert not {"271828", "13800001234"} & set(str(deliveries(records)).split("'"))


@pytest.mark.rule("R20")
async def test_two_relays_at_once_send_everything_once(
    records: Records, records_url: str, tmp_path: Path
) -> None:
    with gateway() as webhook, open_records(records_url) as others:
        path = contacts(tmp_path, {"短信": webhook.url()})
        enqueue_notices(records, *(notice(seq) for seq in range(1, 31)))
        async with relay_of(records, path), relay_of(others, path):
            await until(lambda: settled(records, DeliveryState.SENT, 30))
    assert len(webhook.got) == len(set(webhook.references)) == 30


@pytest.mark.rule("R20")
async def test_a_gateway_that_was_down_gets_it_when_it_is_up(records: Records, tmp_path: Path) -> None:
    port = ports.free_port(LOCAL)
    path = contacts(tmp_path, {"短信": f"json://{LOCAL}:{port}/"})
    enqueue_notices(records, notice(1))
    async with relay_of(records, path):
        await until(lambda: deliveries(records)[0].tries >= 2)
        assert deliveries(records)[0].error == NO_CONNECTION
        with gateway(port=port) as webhook:
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    assert len(webhook.got) == 1
    assert deliveries(records)[0].error == ""


async def test_what_no_gateway_takes_is_given_up_and_says_why(records: Records, tmp_path: Path) -> None:
    with gateway(status=503) as webhook:
        path = contacts(tmp_path, {"短信": webhook.url()})
        enqueue_notices(records, notice(1))
        async with relay_of(records, path, replace(BRISK, tries=3)):
            await until(lambda: settled(records, DeliveryState.FAILED, 1))
    (line,) = deliveries(records)
    assert (line.tries, line.error) == (3, "通道未接受（503）")
    assert len(set(webhook.references)) == 1


async def test_gateways_that_hang_hold_up_no_other_channel(records: Records, tmp_path: Path) -> None:
    with gateway(answering=False) as stuck, gateway() as webhook, mail_server() as mail:
        hanging = {f"短信{n}": stuck.url(str(n)) for n in range(4)}
        path = contacts(
            tmp_path,
            {**hanging, "企业微信": webhook.url(), "邮箱": mail.url},
            ZZ_GD=[*hanging, "企业微信"],
            ZZ_SWJ=["邮箱"],
        )
        enqueue_notices(records, *(notice(seq) for seq in range(1, 21)), notice(30, "ZZ-SWJ"))
        async with relay_of(records, path):
            await until(lambda: len(webhook.got) == 20 and len(mail.mails) == 1)
            await until(lambda: len(stuck.got) == 4 * BRISK.at_once)
            stuck.answers.set()


async def test_a_gateway_that_hangs_does_not_keep_the_relay_from_stopping(
    records: Records, tmp_path: Path
) -> None:
    with gateway(answering=False) as stuck:
        enqueue_notices(records, notice(1))
        path = contacts(tmp_path, {"短信": stuck.url("?rto=60")})
        impatient = replace(BRISK, send_within=timedelta(seconds=1))
        async with asyncio.timeout(PATIENCE / 4), relay_of(records, path, impatient):
            await until(lambda: len(stuck.got) == 1)
        assert settled(records, DeliveryState.WAITING, 1)


async def test_a_late_answer_still_counts_as_sent(records: Records, tmp_path: Path) -> None:
    patient = replace(BRISK, send_within=timedelta(milliseconds=200), first_pause=timedelta(hours=1))
    with gateway(answering=False) as slow:
        path = contacts(tmp_path, {"短信": slow.url()})
        enqueue_notices(records, notice(1))
        async with relay_of(records, path, replace(patient, longest_pause=timedelta(hours=1))):
            await until(lambda: deliveries(records)[0].error == TOO_SLOW)
            slow.answers.set()
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    assert len(slow.got) == 1


@pytest.mark.rule("R20")
async def test_what_a_killed_relay_held_is_sent_again_under_the_same_reference(
    records: Records, records_url: str, tmp_path: Path
) -> None:
    with gateway(answering=False) as webhook:
        path = contacts(tmp_path, {"短信": webhook.url()})
        enqueue_notices(records, notice(1))
        relay = FORKED.Process(target=work, args=(records_url, path, tmp_path / "relay.log"))
        relay.start()
        try:
            await until(lambda: len(webhook.got) == 1)
        finally:
            kill(relay)
        webhook.answers.set()
        assert settled(records, DeliveryState.WAITING, 1)
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    first, second = webhook.references
    assert first == second


@pytest.mark.rule("R70")
@pytest.mark.usefixtures("restored_logging")
async def test_addresses_and_phone_numbers_are_in_no_log_and_not_in_the_ledger(
    records: Records, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG")
    with gateway(status=500) as broken:
        down = f"json://user:{SECRET}@{LOCAL}:{ports.free_port(LOCAL)}/{SECRET}"
        mail = f"mailto://user:{SECRET}@{LOCAL}:{ports.free_port(LOCAL)}?from=a@b.cn&to={SECRET}@b.cn"
        channels = {"坏": broken.url(f"{SECRET}?:phone={{phone}}"), "断": down, "邮": mail}
        path = contacts(tmp_path, channels, default=list(channels), enterprise=["坏"])
        enqueue_notices(records, notice(1), to_enterprise(2))
        async with relay_of(records, path, replace(BRISK, tries=2)):
            await until(lambda: settled(records, DeliveryState.FAILED, 4))
    await asyncio.sleep(0)
    logged = capfd.readouterr().err
    ledger = "".join(line.model_dump_json() for line in deliveries(records))
    assert "notice-given-up" in logged
    assert broken.paths[0].startswith(f"/{SECRET}")
    for secret in (SECRET, "13800001234"):
        assert secret not in logged
        assert secret not in ledger


async def test_while_the_file_of_channels_is_broken_everything_waits(
    records: Records, tmp_path: Path
) -> None:
    with gateway() as webhook:
        path = tmp_path / "contacts.toml"
        path.write_text("[broken", encoding="utf-8")
        enqueue_notices(records, notice(1))
        async with relay_of(records, path):
            await asyncio.sleep(0.2)
            assert settled(records, DeliveryState.WAITING, 1)
            contacts(tmp_path, {"短信": webhook.url()})
            await until(lambda: settled(records, DeliveryState.SENT, 1))


@pytest.mark.rule("R38")
async def test_a_copy_says_whom_it_is_about(records: Records, tmp_path: Path) -> None:
    with gateway() as webhook:
        path = contacts(tmp_path, {"督导": webhook.url()}, LG_DD=["督导"])
        enqueue_notices(records, notice(1, kind=EventKind.CRITICISED))
        async with relay_of(records, path):
            await until(lambda: settled(records, DeliveryState.SENT, 1))
    assert "予以通报批评（抄送，涉及单位：枣庄供电公司）" in webhook.got[0]["message"]
    assert settled(records, DeliveryState.QUIET, 2)
