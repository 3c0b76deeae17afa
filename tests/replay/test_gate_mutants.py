"""The release gate detects a dozen mutants of the law and names what they change."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

import pytest

import workflows.outgoing.protocol_1
import workflows.outgoing.visibility
from audit.release.check import Blame, ReleaseFinding, Subject, check_histories
from audit.release.subjects import read_kept
from claims import lifecycle, procedure
from claims.actions import call_back
from claims.deadlines import expiry, scheduling
from claims.limits import LimitRule
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry, Outcome
from claims.model.organisation import UnitRef
from claims.model.policy import Policy
from claims.model.refusals import Refused
from claims.model.terms import Action, Colour, Role, Stage
from claims.model.values import Actor
from claims.transition import Transition
from claims.units.transition import UnitTransition
from tests.replay.save_histories import HISTORIES
from tests.support.archive.kept_histories import name_of
from workflows.outgoing import timers
from workflows.search_attributes import STAGE

LATE_REPLY, HANDLED, RESOLVED_LATE, TWICE_DISSATISFIED = "claim-16", "claim-03", "claim-17", "claim-23"
Mutate = Callable[[pytest.MonkeyPatch], None]


def sign_for_by_the_head_only(law: pytest.MonkeyPatch) -> None:
    row = lifecycle._ROWS[Stage.HANDLING, Action.SIGN_FOR]
    law.setitem(lifecycle._ROWS, (row.stage, row.action), row._replace(roles=(Role.HEAD,)))


def contact_only_after_signing(law: pytest.MonkeyPatch) -> None:
    def is_signed_for(claim: Claim) -> None:
        if claim.dispatch is not None and claim.dispatch.signed_for_at is None:
            raise Refused("R20", "工单尚未签收", "请先签收")

    row = lifecycle._ROWS[Stage.HANDLING, Action.CONTACT]
    law.setitem(lifecycle._ROWS, (row.stage, row.action), row._replace(guard=is_signed_for))


def limits_of_a_day_more(law: pytest.MonkeyPatch) -> None:
    def working_days(rule: LimitRule, policy: Policy) -> int:
        return int(getattr(policy, rule.days)) + 1

    law.setattr(LimitRule, "working_days", working_days)


def yellow_for_red(law: pytest.MonkeyPatch) -> None:
    give = expiry._give_light
    law.setattr(expiry, "_give_light", lambda step, limit, _, at: give(step, limit, Colour.YELLOW, at))


def writing(
    law: pytest.MonkeyPatch,
    change: Callable[[Entry], Entry],
    of: type[Transition] | type[UnitTransition] = Transition,
) -> None:
    """Change every journal line before it is written."""
    write: Callable[..., Entry] = of.write

    def changed(step: Transition | UnitTransition, *rules: Any, **fields: Any) -> Entry:
        entry = change(write(step, *rules, **fields))
        step.entries[-1] = entry
        return entry

    law.setattr(of, "write", changed)


def another_reason_for_a_refusal(law: pytest.MonkeyPatch) -> None:
    check = lifecycle.check_role

    def role_refused(actor: Actor, action: Action) -> None:
        try:
            check(actor, action)
        except Refused as refused:
            raise Refused(refused.rule, "您的身份不能办理", kind=refused.kind) from refused

    law.setattr(lifecycle, "check_role", role_refused)


def another_text_in_an_account(law: pytest.MonkeyPatch) -> None:
    writing(law, lambda entry: entry.model_copy(update={"text": f"{entry.text}。"}), UnitTransition)


def another_rule_for_a_new_calendar(law: pytest.MonkeyPatch) -> None:
    def change(entry: Entry) -> Entry:
        is_recomputed = entry.kind is EventKind.LIMITS_RECOMPUTED
        return entry.model_copy(update={"rules": ("R1",)}) if is_recomputed else entry

    writing(law, change)


def another_version_of_an_edition(law: pytest.MonkeyPatch) -> None:
    def change(entry: Entry) -> Entry:
        is_adopted = entry.kind is EventKind.EDITION_ADOPTED
        return entry.model_copy(update={"data": {}}) if is_adopted else entry

    writing(law, change)


def another_rule_for_lights(law: pytest.MonkeyPatch) -> None:
    def change(entry: Entry) -> Entry:
        is_light = entry.kind is EventKind.LIGHT_GIVEN
        return entry.model_copy(update={"rules": ("R30",)}) if is_light else entry

    writing(law, change)


def another_text(law: pytest.MonkeyPatch) -> None:
    def change(entry: Entry) -> Entry:
        is_contact = entry.kind is EventKind.CONTACTED
        return entry.model_copy(update={"text": f"{entry.text}。"}) if is_contact else entry

    writing(law, change)


def outcomes_without_their_line(law: pytest.MonkeyPatch) -> None:
    act = procedure.act

    def changed(*args: Any, **fields: Any) -> tuple[Transition, Outcome]:
        step, outcome = act(*args, **fields)
        return step, outcome.model_copy(update={"seq": 0})

    law.setattr(procedure, "act", changed)


def notices_to_the_accountable_unit(law: pytest.MonkeyPatch) -> None:
    notify = Transition.notify

    def changed(step: Transition, unit: UnitRef | None, entry: Entry) -> None:
        notify(step, unit and unit.model_copy(update={"id": "LG-ZH"}), entry)

    law.setattr(Transition, "notify", changed)


def review_after_the_first_dissatisfaction(law: pytest.MonkeyPatch) -> None:
    law.setattr(call_back, "_order_redo", call_back._open_review)


def another_stage_to_search_by(law: pytest.MonkeyPatch) -> None:
    attributes_of = vars(workflows.outgoing.visibility)["attributes_of"]

    def changed(claim: Claim) -> dict[str, Any]:
        found: dict[str, Any] = attributes_of(claim)
        return found | {STAGE.name: STAGE.value_set(claim.stage.value)}

    law.setattr(workflows.outgoing.visibility, "attributes_of", changed)


def no_letter(law: pytest.MonkeyPatch) -> None:
    law.setattr(expiry, "_issue_letter", lambda *_: None)


def no_early_warning(law: pytest.MonkeyPatch) -> None:
    def changed(_step: Transition, limit: Any, _at: Any) -> None:
        limit.warned = True

    law.setattr(expiry, "_warn", changed)


def limits_fixed_without_their_calendar(law: pytest.MonkeyPatch) -> None:
    as_data = scheduling._as_data

    def changed(schedule: Any) -> dict[str, Any]:
        return {name: value for name, value in as_data(schedule).items() if name != "calendar_version"}

    law.setattr(scheduling, "_as_data", changed)


def another_word_in_a_letters_paper(law: pytest.MonkeyPatch) -> None:
    paper = vars(expiry)["letter_paper"]

    def changed(*args: Any, **fields: Any) -> Any:
        made = paper(*args, **fields)
        return made.model_copy(update={"unit": "LG-ZH"})

    law.setattr(expiry, "letter_paper", changed)


def a_longer_grace(law: pytest.MonkeyPatch) -> None:
    grace = timers.grace_for_late_arrivals
    for module in (timers, workflows.outgoing.protocol_1):
        law.setattr(module, "grace_for_late_arrivals", lambda claim: 2 * grace(claim))


class Mutant(NamedTuple):
    """A change of the law, a kept history that it affects, and the expected finding."""

    mutate: Mutate
    history: str
    named: str


MUTANTS: Final = (  # [TMPRL1100]: sends the engine a different command
    Mutant(sign_for_by_the_head_only, HANDLED, "kind：历史为“signed-for”，本版程序为“refused”"),
    Mutant(contact_only_after_signing, "claim-25", "kind：历史为“contacted”，本版程序为“refused”"),
    Mutant(limits_of_a_day_more, HANDLED, "[TMPRL1100]"),
    Mutant(yellow_for_red, LATE_REPLY, "亮牌"),
    Mutant(another_rule_for_lights, LATE_REPLY, "的 rules.1：历史为“R31”，本版程序为“R30”"),
    Mutant(another_text, HANDLED, "的 text：历史为"),
    Mutant(outcomes_without_their_line, HANDLED, "的结果 的 seq：历史为"),
    Mutant(notices_to_the_accountable_unit, LATE_REPLY, "/LG-ZH：历史为“无”，本版程序为"),
    Mutant(
        review_after_the_first_dissatisfaction,
        TWICE_DISSATISFIED,
        "历史为“redo-ordered”，本版程序为“review-opened”",
    ),
    Mutant(another_stage_to_search_by, HANDLED, "[TMPRL1100]"),
    Mutant(no_letter, LATE_REPLY, "日志"),
    Mutant(no_early_warning, LATE_REPLY, "日志"),
    Mutant(limits_fixed_without_their_calendar, HANDLED, "calendar_version：历史为"),
    Mutant(another_word_in_a_letters_paper, LATE_REPLY, "文书"),
    Mutant(a_longer_grace, RESOLVED_LATE, "定时器"),
)
OF_LATER_VERSIONS: Final = (
    Mutant(another_reason_for_a_refusal, "handling-as-delivered", "您的身份不能办理"),
    Mutant(another_text_in_an_account, "unit-01", "日志第1条 的 text"),
    Mutant(
        another_rule_for_a_new_calendar, "calendar-update-claim", "的 rules.2：历史为“R6”，本版程序为“无”"
    ),
    Mutant(another_version_of_an_edition, "edition-update-claim", "的 data.policy：历史为"),
)
"""On histories that versions before 0.4.0 did not keep."""
KEPT_NOW: Final = {name_of(path) for path in HISTORIES.rglob("*.json.gz")}
TRIED: Final = MUTANTS + tuple(mutant for mutant in OF_LATER_VERSIONS if mutant.history in KEPT_NOW)


async def found_in(*histories: str) -> Sequence[ReleaseFinding]:
    async def subjects() -> AsyncIterator[Subject]:
        for name in histories:
            yield Subject(name, read_kept(sorted(HISTORIES.rglob(f"{name}.json.gz"))[-1]))

    return [one.finding async for one in check_histories(subjects()) if one.finding is not None]


@pytest.mark.rule("R6", "R70")
async def test_the_law_as_it_is_does_what_the_histories_say() -> None:
    assert not await found_in(*dict.fromkeys(mutant.history for mutant in TRIED))


@pytest.mark.rule("R6", "R70")
@pytest.mark.parametrize("mutant", TRIED, ids=lambda mutant: mutant.mutate.__name__)
async def test_another_law_is_named_by_what_it_changes(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.mutate(monkeypatch)
    (finding,) = await found_in(mutant.history)
    assert finding.blame is Blame.NEW
    assert mutant.named in "\n".join(finding.lines)
