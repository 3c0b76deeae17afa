"""What the programs log: one JSON object a line, the claim in it, no person and no word of theirs."""

import json
from pathlib import Path

from claims.terms import Action, Role
from embedded import Embedded
from tests.e2e.desk import Desk
from tests.people import POWER

SECRETS = ("山东机密精密铸造有限公司", "赵密密", "0632-5559876", "5559876", "绝密诉求内容", "绝密答复内容")


def lines(path: Path) -> list[dict[str, object]]:
    """What a program wrote, each line one object."""
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_logs_name_claims_and_requests_and_never_people(city: Embedded, desk: Desk) -> None:
    enterprise, contact, phone, _, matter, text = SECRETS
    number = await desk.registered(enterprise=enterprise, contact=contact, phone=phone, matter=matter)
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, request_id="dispatch-7")
    await desk.must(number, Action.REPLY, Role.HANDLER, at=POWER, request_id="reply-7", text=text)
    await desk.must(number, Action.CONTACT, Role.HANDLER, at=POWER, request_id="contact-7", person=contact)
    await desk.act(number, Action.REPLY, Role.HANDLER, at=POWER, request_id="bad-7", text="")
    await desk.http.get(f"/track/{number}", params={"phone": "9876"})
    logs = city.settings.home / "logs"
    for name in ("worker.log", "api.log"):
        written = (logs / name).read_text()
        assert not [secret for secret in SECRETS if secret in written], name
    about = [line for line in lines(logs / "worker.log") if line.get("claim") == number]
    assert {"registered", "dispatched", "replied", "contacted"} <= {str(line["event"]) for line in about}
    assert {"dispatch-7", "reply-7", "contact-7"} <= {str(line.get("request_id")) for line in about}
    requests = [line for line in lines(logs / "api.log") if line["event"] == "request"]
    assert requests
    assert all(line["request_id"] and line["route"] for line in requests)
