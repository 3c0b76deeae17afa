"""The programs' logs: one JSON object per line, with the claim, without people or their texts."""

import json
from pathlib import Path

from claims.model.terms import Action, Role
from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk
from tests.support.claims.people import POWER
from tests.support.polling import until
from tests.support.records.sqlite_lock import locked

SECRETS = ("山东机密精密铸造有限公司", "赵密密", "0632-5559876", "5559876", "绝密诉求内容", "绝密答复内容")


Line = dict[str, object]


def lines(path: Path) -> list[Line]:
    """Return a program's log lines as objects."""
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_logs_name_claims_and_requests_and_never_people(city: LocalStack, desk: Desk) -> None:
    before = len(lines(city.api.log_path))
    number = await worked_on(desk)
    await desk.act(number, Action.REPLY, Role.HANDLER, at=POWER, request_id="bad-7", text="")
    await desk.http.get(f"/track/{number}", params={"phone": "9876"})
    worker, api = logs_of(city)
    about = [line for line in worker if line.get("claim") == number]
    assert {"registered", "dispatched", "replied", "contacted"} <= {str(line["event"]) for line in about}
    assert {"dispatch-7", "reply-7", "contact-7"} <= {str(line.get("request_id")) for line in about}
    requests = [
        line for line in api[before:] if line["event"] == "request" and "health" not in str(line["route"])
    ]
    told = {(line["route"], line["request_id"]) for line in requests if line.get("claim") == number}
    assert told >= {("/claims/{number}/reply", "reply-7"), ("/claims/{number}/contact", "contact-7")}
    assert [line["route"] for line in requests if "request_id" not in line or "claim" not in line] == []
    assert "/claims" in {route for route, _ in told}


async def test_accidents_are_logged_in_the_same_way(city: LocalStack, desk: Desk) -> None:
    number = await worked_on(desk)
    assert city.server is not None
    await city.server.stop()
    said = {"request_id": "away-7", "text": SECRETS[-1]}
    assert (await desk.act(number, Action.REPLY, Role.HANDLER, at=POWER, **said)).status_code == 503
    city.worker.kill()
    city.worker.start()

    async def has_ended() -> bool:
        return not city.worker.is_running

    await until(has_ended)
    await city.server.start()
    city.worker.start()
    async with locked(city.settings.home / "records.db"):
        await desk.act(number, Action.REPLY, Role.HANDLER, at=POWER, **said)
        await until(lambda: has_logged(city, f"claim-{number}", "record_change"))
    await desk.must(number, Action.REPLY, Role.HANDLER, at=POWER, **said)
    worker, api = logs_of(city)
    assert "program-failed" in {line["event"] for line in worker}
    assert [line for line in api if "retried" in str(line["event"]) and line["level"] == "warning"]


async def worked_on(desk: Desk) -> str:
    """Return a claim with everything that must not be logged."""
    enterprise, contact, phone, _, matter, text = SECRETS
    number = await desk.registered(enterprise=enterprise, contact=contact, phone=phone, matter=matter)
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, request_id="dispatch-7")
    await desk.must(number, Action.REPLY, Role.HANDLER, at=POWER, request_id="reply-7", text=text)
    await desk.must(number, Action.CONTACT, Role.HANDLER, at=POWER, request_id="contact-7", person=contact)
    return number


def logs_of(city: LocalStack) -> tuple[list[Line], list[Line]]:
    """Return the logs of worker and API, after checking that no line has a secret."""
    for program in (city.worker, city.api):
        written = program.log_path.read_text()
        assert not [secret for secret in SECRETS if secret in written], program.name
    return lines(city.worker.log_path), lines(city.api.log_path)


async def has_logged(city: LocalStack, *words: str) -> bool:
    """Return whether the worker has logged a line with all these words."""
    written = city.worker.log_path.read_text().splitlines()
    return any(all(word in line for word in words) for line in written)
