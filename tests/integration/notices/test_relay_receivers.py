"""Receivers that die during a delivery and come back: everything arrives, once as far as can be known."""

from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from claims.notifications import DeliveryState
from notices.relay import reference_of
from notices.sender import REFERENCE_HEADER
from records.database.engine import Records
from records.outbox import deliveries
from tests.support.http_server import LOCAL
from tests.support.notices.dying_receivers import Dying, MailPoint, WebPoint, dying_gateway, dying_mail_server
from tests.support.notices.notice_receivers import gateway, mail_address, mail_server
from tests.support.notices.outbox_samples import contacts, enqueue_notices, notice, relay_of
from tests.support.polling import until
from tools import ports

NOTICES = 5


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", LOCAL)


def references(records: Records) -> list[str]:
    """Return the references of all notices to deliver."""
    return sorted(reference_of(line.id) for line in deliveries(records))


def all_are(records: Records, state: DeliveryState) -> bool:
    return [line.state for line in deliveries(records)] == [state] * NOTICES


async def sent_while_it_dies(
    records: Records, receiver: AbstractContextManager[Dying], path: Path
) -> list[str]:
    """Return what the receiver had when it died, after the relay noticed that the rest has not arrived."""
    enqueue_notices(records, *(notice(seq) for seq in range(1, NOTICES + 1)))
    with receiver as dying:
        async with relay_of(records, path):
            await until(
                lambda: (
                    dying.dead.is_set()
                    and all(line.tries or line.state is DeliveryState.SENT for line in deliveries(records))
                )
            )
    return dying.took


@pytest.mark.rule("R20")
@pytest.mark.parametrize("point", list(MailPoint))
async def test_a_mail_server_that_dies_gets_the_rest_when_it_is_back(
    records: Records, tmp_path: Path, point: MailPoint
) -> None:
    port = ports.free_port(LOCAL)
    path = contacts(tmp_path, {"邮箱": mail_address(port)})
    took = await sent_while_it_dies(records, dying_mail_server(port, point), path)
    assert len(took) == (point in (MailPoint.TAKEN, MailPoint.ACKNOWLEDGED))
    with mail_server(port=port) as mail:
        async with relay_of(records, path):
            await until(lambda: all_are(records, DeliveryState.SENT))
    got = [str(one[REFERENCE_HEADER]) for one in mail.mails]
    _all_once(records, [*took, *got], twice=took if point is MailPoint.TAKEN else [])


@pytest.mark.rule("R20")
@pytest.mark.parametrize("point", list(WebPoint))
async def test_a_gateway_that_dies_gets_the_rest_when_it_is_back(
    records: Records, tmp_path: Path, point: WebPoint
) -> None:
    port = ports.free_port(LOCAL)
    path = contacts(tmp_path, {"企业微信": f"json://{LOCAL}:{port}/"})
    took = await sent_while_it_dies(records, dying_gateway(port, point), path)
    assert len(took) == (point in (WebPoint.TAKEN, WebPoint.IN_THE_ANSWER))
    with gateway(port=port) as webhook:
        async with relay_of(records, path):
            await until(lambda: all_are(records, DeliveryState.SENT))
    _all_once(records, [*took, *webhook.references], twice=took)


def _all_once(records: Records, arrived: list[str], *, twice: list[str]) -> None:
    """Check that all arrive once. `twice`: accepted but not confirmed, so sent again under the same reference."""
    assert Counter(arrived) == Counter([*references(records), *twice])
