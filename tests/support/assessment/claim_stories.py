"""Claims played from one line of text each (`november.tsv`), with the procedure and the real calendar but
without a server.

A story is `Mon 11-02 09:00 dispatch:GD sign | Tue 11-03 10:00 contact reply`: instants in Beijing, each with
its actions. It starts with the registration.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from assessment.facts.claim_run import ClaimRun, CoUnitPart
from claims import procedure
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import Action, Category, Role
from claims.model.values import Actor
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ARBITER, CALLER, OPERATOR, SUPERVISOR, person
from tests.support.dates import beijing

YEAR: Final = 2026
UNITS: Final = {
    "GD": "ZZ-GD",
    "SWJ": "ZZ-SWJ",
    "ZJJ": "ZZ-ZJJ",
    "SPJ": "ZZ-SPJ",
    "TZ": "QX-370481",
    "TZ-ZJJ": "QX-370481-ZJJ",
    "XC": "QX-370403",
    "YC": "QX-370404",
}
DISSATISFIED: Final = {"grade": "dissatisfied", "resolved": False}
PEOPLE: Final[dict[str, tuple[Action, Actor, dict[str, object]]]] = {
    "answer": (Action.ANSWER, OPERATOR, {}),
    "decline": (Action.DECLINE, OPERATOR, {}),
    "merge": (Action.MERGE, OPERATOR, {}),
    "withdraw": (Action.WITHDRAW, CALLER, {}),
    "confirm": (Action.REDETERMINE, SUPERVISOR, {"decision": "confirm"}),
    "refer": (Action.REFER, SUPERVISOR, {}),
    "approve": (Action.DECIDE_EXTENSION, SUPERVISOR, {}),
    "refuse": (Action.DECIDE_EXTENSION, SUPERVISOR, {"approve": False}),
    "incomplete": (Action.VERIFY, SUPERVISOR, {}),
    "order": (Action.VERIFY, SUPERVISOR, {}),
    "compliant": (Action.VERIFY, SUPERVISOR, {"compliant": True}),
    "false": (Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR, {}),
    "satisfied": (Action.CALL_BACK, CALLER, {}),
    "unresolved": (Action.CALL_BACK, CALLER, {"resolved": False}),
    "dissatisfied": (Action.CALL_BACK, CALLER, DISSATISFIED),
    "untrue": (Action.CALL_BACK, CALLER, {**DISSATISFIED, "reason": "untrue"}),
    "denied": (Action.CALL_BACK, CALLER, {**DISSATISFIED, "contacted": False}),
    "unreached": (Action.CALL_BACK, CALLER, {"reached": False, "grade": None}),
    "reopen": (Action.REOPEN, CALLER, {}),
}
NAMED: Final = {
    "redispatch": (Action.REDETERMINE, SUPERVISOR),
    "arbitrate": (Action.ARBITRATE, ARBITER),
}
AT_THE_UNIT: Final = {
    "sign": Action.SIGN_FOR,
    "contact": Action.CONTACT,
    "reply": Action.REPLY,
    "feedback": Action.FEEDBACK,
    "extend": Action.REQUEST_EXTENSION,
    "form": Action.REVIEW_FORM,
}


def instant(text: str) -> datetime:
    """Return the instant of `Mon 11-02 09:00`, checking the weekday."""
    weekday, day, clock = text.split(" ")
    return beijing(f"{weekday} {YEAR}-{day} {clock}")


@dataclass
class Play:
    """One claim's story; `no` is the end of its number."""

    no: str
    place: str
    story: str
    lenient: bool = False
    """Whether the story continues after a refusal."""
    consultation: bool = False
    parts: list[CoUnitPart] = field(default_factory=list)
    paper: Paper = field(init=False)

    def __post_init__(self) -> None:
        steps = [step.strip().split(" ", 3) for step in self.story.split("|")]
        first = instant(" ".join(steps[0][:3]))
        asks = self.consultation or "answer" in self.story
        category = Category.CONSULTATION if asks else Category.HELP
        self.paper = Paper(f"{steps[0][0]} {YEAR}-{steps[0][1]} {steps[0][2]}", category=category)
        assert self.paper.now == first
        claim = self.paper.claim
        claim.number = f"QH{self.no}"
        claim.order = claim.order.model_copy(update={"district": UNITS[self.place]})
        for *when, acts in steps:
            self.paper.wait(instant(" ".join(when)) - self.paper.now)
            for act in acts.split(" "):
                self.do(act)

    def do(self, act: str) -> None:
        """Perform one action now, such as `sign` or `return:SWJ`."""
        self._do(*act.partition(":")[::2])

    def run(self, until: str) -> ClaimRun:
        """Return the claim's facts input up to an instant."""
        self.paper.wait(instant(until) - self.paper.now)
        return self.run_now()

    def run_now(self) -> ClaimRun:
        """Return the claim's facts input up to now."""
        return ClaimRun(
            claim=self.paper.claim,
            entries=tuple(self.paper.journal),
            until=self.paper.now,
            parts=tuple(self.parts),
        )

    def _do(self, act: str, unit: str) -> None:
        if act in PEOPLE:
            action, actor, said = PEOPLE[act]
            self._must(action, actor, **said)
        elif act in NAMED:
            action, actor = NAMED[act]
            self._must(action, actor, unit=UNITS[unit])
        elif act in AT_THE_UNIT:
            self._must(AT_THE_UNIT[act], self._head())
        elif act == "dispatch":
            lead, *helpers = (UNITS[each] for each in unit.split("+"))
            self._must(Action.DISPATCH, OPERATOR, unit=lead, co_units=helpers)
        elif act == "return":
            self._must(Action.REJECT, self._head(), suggested_unit=UNITS[unit])
        elif act == "delegate":
            self._must(Action.DELEGATE, self._head(), unit=UNITS[unit])
        elif act == "part":
            part = CoUnitPart(dispatch=1, unit=UNITS[unit], reported_at=self.paper.now)
            self.parts.append(part)
        elif act == "revoke":
            claim = self.paper.claim
            word = LightRevoked(
                number=claim.number, light=claim.lights[0].id, reason="平台责任", actor=SUPERVISOR
            )
            self.paper.adopt(procedure.revoke_light(claim, word, now=self.paper.now))
        else:
            assert act == "register", act

    def _must(self, action: Action, actor: Actor, **said: object) -> None:
        (self.paper.do if self.lenient else self.paper.must)(action, actor, **said)

    def _head(self) -> Actor:
        dispatch = self.paper.claim.dispatch
        assert dispatch is not None
        return person(Role.HEAD, dispatch.unit.id)
