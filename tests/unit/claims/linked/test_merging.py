"""R48: a claim asks the one that it is merged into, and closes only after that one has taken its matter over."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from claims import linked_claims, procedure
from claims.actions.merging import not_running
from claims.deadlines.moments import moments
from claims.editions.edition import built_in_policy
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.linked_claims import TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import RemindClaim
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, BackgroundTaskKind, Category, CloseReason, LimitStatus, Stage
from claims.transition import Transition
from claims.ui_summary import ui_summary
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, OPERATOR, POWER, envelope
from tests.support.dates import beijing

pytestmark = pytest.mark.rule("R48")
TUESDAY = "Tue 2026-11-24 09:00"
OTHER = "QH202611230009"
LATER = "QH202611250001"
"""Registered before and after `Paper`, whose number is QH202611240001."""


def waiting(paper: Paper | None = None) -> Paper:
    paper = paper or Paper(TUESDAY)
    paper.is_taken_over = False
    paper.must(Action.MERGE, OPERATOR, into=OTHER)
    return paper


def tasks(paper: Paper, kind: BackgroundTaskKind) -> list[dict[str, object]]:
    return [dict(task.body) for task in paper.background_tasks if task.kind is kind]


def ask_to_merge(
    paper: Paper,
    number: str = OTHER,
    *,
    request_id: str = "m",
    enterprise: str = "",
    credit_code: str = "",
    account: str = "",
) -> Transition:
    """Let another claim ask this one to take over its matter."""
    request = TakeOver(
        request_id=request_id,
        number=number,
        into=paper.claim.number,
        enterprise=enterprise or paper.claim.order.enterprise,
        credit_code=credit_code,
        account=account,
        actor=OPERATOR,
    )
    step = linked_claims.take_over(paper.claim, request, now=paper.now)
    paper.adopt(step)
    return step


def test_a_number_without_a_claim_in_progress_is_answered_with_r48() -> None:
    request = TakeOver(request_id="m", number=LATER, into=OTHER, enterprise="甲", actor=OPERATOR)
    answer = not_running(request)
    assert (answer.accepted, answer.rule, answer.asked_by, answer.answered_by) == (False, "R48", LATER, OTHER)
    assert OTHER in answer.reason


def answer_of(step: Transition) -> TakeOverAnswer:
    (task,) = [task for task in step.background_tasks if task.kind is BackgroundTaskKind.ANSWER_TAKE_OVER]
    return TakeOverAnswer.model_validate(task.body)


class TestTheClaimThatIsMerged:
    @pytest.mark.parametrize("accepted", [True, False])
    def test_the_outcome_that_comes_later_has_the_fingerprint_of_its_request(self, accepted: bool) -> None:
        paper = Paper(TUESDAY)
        sent = envelope(Action.MERGE, OPERATOR, {"request_id": "m1", "into": OTHER})
        step, asked_for = procedure.act(paper.claim, Action.MERGE, sent, now=paper.now)
        paper.adopt(step)
        outcome = paper.answered(accepted=accepted)
        assert outcome.request_id == "m1"
        assert outcome.fingerprint == asked_for.fingerprint == sent.fingerprint(Action.MERGE)

    def test_an_answer_after_the_wait_has_ended_changes_nothing_and_what_was_due_has_happened(self) -> None:
        paper = waiting(Paper(TUESDAY).dispatched())
        merging = paper.claim.merging
        assert merging is not None
        answer = TakeOverAnswer(
            request_id=merging.request_id,
            asked_by=paper.claim.number,
            answered_by=OTHER,
            accepted=True,
        )
        step = linked_claims.merge_answered(paper.claim, answer, now=beijing("Thu 2026-11-26 09:00"))
        kinds = [entry.kind for entry in step.entries]
        assert kinds[0] is EventKind.REFUSED  # in the morning of Tuesday
        assert {EventKind.LETTER_ISSUED, EventKind.LIGHT_GIVEN} <= {*kinds}
        assert (step.claim.closed, step.claim.merged_into) == (None, "")
        assert [outcome.status for outcome in step.outcomes] == ["refused"]

    @pytest.mark.parametrize(("answered", "cited"), [("R54", "R54"), ("", "R48")])
    def test_a_refusal_cites_the_rule_of_the_answer_or_the_one_of_merging(
        self, answered: str, cited: str
    ) -> None:
        paper = waiting()
        merging = paper.claim.merging
        assert merging is not None
        answer = TakeOverAnswer(
            request_id=merging.request_id,
            asked_by=paper.claim.number,
            answered_by=OTHER,
            accepted=False,
            rule=answered,
        )
        step = linked_claims.merge_answered(paper.claim, answer, now=paper.now)
        assert [outcome.rule for outcome in step.outcomes] == [cited]

    def test_a_refusal_stands_in_the_journal_as_one_of_merging_with_what_to_do_instead(self) -> None:
        paper = waiting()
        outcome = paper.answered(accepted=False, reason="工单已办结")
        (refused,) = paper.events(EventKind.REFUSED)
        assert refused.text == "不予并案：工单已办结"
        assert refused.data == {"action": Action.MERGE, "instead": outcome.instead}

    @pytest.mark.rule("§1")
    def test_it_says_whose_it_is(self) -> None:
        paper = Paper(TUESDAY)
        own = paper.claim.order.model_copy(update={"account": "u-1"})
        paper.claim = paper.claim.model_copy(update={"order": own})
        (task,) = tasks(waiting(paper), BackgroundTaskKind.ASK_TO_TAKE_OVER)
        assert (task["credit_code"], task["account"]) == (own.credit_code, "u-1")

    def test_while_it_waits_it_asks_no_other(self) -> None:
        paper = waiting()
        refused = paper.do(Action.MERGE, OPERATOR, into=LATER)
        assert (refused.status, refused.rule, OTHER in refused.reason) == ("refused", "R48", True)
        assert [entry.rules for entry in paper.events(EventKind.MERGE_ASKED)] == [("R48",)]

    def test_it_asks_and_goes_on_as_before(self) -> None:
        paper = waiting(Paper(TUESDAY).dispatched())
        assert (paper.claim.stage, paper.claim.closed, paper.claim.merged_into) == (Stage.HANDLING, None, "")
        assert {limit.status for limit in paper.claim.limits} == {LimitStatus.RUNNING, LimitStatus.MET}
        (request,) = tasks(paper, BackgroundTaskKind.ASK_TO_TAKE_OVER)
        assert (request["number"], request["into"]) == (paper.claim.number, OTHER)
        paper.must(Action.CONTACT, HANDLER)
        paper.until("Fri 2026-11-27 09:00")
        assert [f"{light.limit}/{light.colour}" for light in paper.claim.lights] == ["reply/yellow"]

    def test_taken_over_it_closes_as_merged_and_its_lights_stay(self) -> None:
        paper = Paper(TUESDAY).dispatched()
        paper.until("Thu 2026-11-26 09:00")
        lights = paper.claim.lights
        outcome = waiting(paper).answered(accepted=True)
        claim = paper.claim
        assert claim.closed is not None
        assert (claim.closed.reason, claim.merged_into, claim.over) == (CloseReason.MERGED, OTHER, True)
        assert claim.lights == lights != []
        assert not any(limit.is_live for limit in claim.limits)
        assert (outcome.status, outcome.action, outcome.request_id) == ("accepted", "merge", "r2")
        merged = next(entry for entry in paper.journal if entry.seq == outcome.seq)
        assert (merged.kind, merged.rules, merged.actor) == (EventKind.MERGED, ("R48",), OPERATOR)
        assert POWER in {notice.unit for notice in paper.notices if notice.kind is EventKind.MERGED}

    @pytest.mark.parametrize("into", ["工单一", "QH20261123\t0009"], ids=ascii)
    def test_what_is_no_number_is_asked_nothing(self, into: str) -> None:
        paper = Paper(TUESDAY)
        refused = paper.do(Action.MERGE, OPERATOR, into=into)
        assert (refused.status, refused.rule, refused.kind) == ("refused", "R48", "incomplete")
        assert (paper.claim.merging, paper.background_tasks) == (None, [])

    def test_refused_it_goes_on_and_says_why(self) -> None:
        paper = waiting()
        outcome = paper.answered(accepted=False, reason="工单已办结，不能并入")
        assert (outcome.status, outcome.rule, outcome.reason) == ("refused", "R48", "工单已办结，不能并入")
        assert (paper.claim.stage, paper.claim.merging) == (Stage.REGISTERED, None)
        assert paper.journal[-1].kind is EventKind.REFUSED
        assert (paper.journal[-1].request_id, paper.journal[-1].actor) == ("r1", OPERATOR)
        paper.dispatched()

    def test_unanswered_it_goes_on_after_half_an_hour_and_may_be_merged_later(self) -> None:
        paper = waiting()
        (moment,) = [one for one in moments(paper.claim) if one.limit_id.startswith("merge/")]
        assert moment.at == paper.now + timedelta(minutes=30)
        paper.wait(timedelta(minutes=29))
        assert paper.claim.merging is not None
        paper.wait(timedelta(minutes=1))
        assert paper.claim.merging is None
        assert paper.journal[-1].kind is EventKind.REFUSED
        assert (paper.journal[-1].at, OTHER in paper.journal[-1].text) == (moment.at, True)
        told = paper.settled[-1]
        assert (told.status, told.rule, told.kind, told.at) == ("refused", "R48", "not-now", moment.at)
        waiting(paper).answered(accepted=True)
        assert paper.claim.merged_into == OTHER

    @pytest.mark.parametrize(
        ("action", "category"),
        [
            (Action.WITHDRAW, Category.HELP),
            (Action.DECLINE, Category.HELP),
            (Action.ANSWER, Category.CONSULTATION),
        ],
    )
    def test_if_it_ends_otherwise_meanwhile_it_is_not_merged(
        self, action: Action, category: Category
    ) -> None:
        paper = waiting(Paper(TUESDAY, category=category))
        answer = TakeOverAnswer(request_id="r1", asked_by="x", answered_by=OTHER, accepted=True)
        paper.must(action, CALLER if action is Action.WITHDRAW else OPERATOR)
        assert paper.claim.merging is None
        assert [(outcome.request_id, outcome.status, outcome.rule) for outcome in paper.settled] == [
            ("r1", "refused", "R48")
        ]
        before = paper.claim
        paper.adopt(linked_claims.merge_answered(paper.claim, answer, now=paper.now))
        assert (paper.claim, paper.claim.merged_into) == (before, "")

    @pytest.mark.parametrize(
        ("request_id", "answered_by"), [("r1", "QH209901010001"), ("r9", OTHER), ("", OTHER)]
    )
    def test_an_answer_to_another_request_or_by_another_claim_changes_nothing(
        self, request_id: str, answered_by: str
    ) -> None:
        paper = waiting()
        before = paper.claim
        answer = TakeOverAnswer(
            request_id=request_id or "m", asked_by=before.number, answered_by=answered_by, accepted=True
        )
        step = linked_claims.merge_answered(before, answer, now=paper.now)
        assert (step.claim, step.entries, step.outcomes) == (before, [], [])

    def test_a_claim_that_waits_for_nothing_ignores_answers(self) -> None:
        paper = Paper(TUESDAY)
        answer = TakeOverAnswer(request_id="m", asked_by="x", answered_by=OTHER, accepted=True)
        assert linked_claims.merge_answered(paper.claim, answer, now=paper.now).claim == paper.claim

    def test_limits_that_ended_before_the_answer_have_their_lights(self) -> None:
        paper = waiting(Paper(TUESDAY, policy=patient()).dispatched())
        paper.now += timedelta(days=2)
        paper.answered(accepted=True)
        assert [f"{light.limit}/{light.colour}" for light in paper.claim.lights] == ["contact/yellow"]
        assert paper.claim.merged_into == OTHER

    def test_administrators_see_what_it_waits_for_and_where_it_went(self) -> None:
        paper = waiting()
        assert f"等待工单{OTHER}答复" in ui_summary(paper.claim, paper.now)
        paper.answered(accepted=True)
        assert f"已并入工单{OTHER}" in ui_summary(paper.claim, paper.now)

    def test_later_acts_on_it_name_the_claim_that_it_was_merged_into(self) -> None:
        paper = waiting()
        paper.answered(accepted=True)
        for action, actor in (
            (Action.REMIND, ENTERPRISE),
            (Action.WITHDRAW, CALLER),
            (Action.DISPATCH, OPERATOR),
        ):
            refused = paper.do(action, actor)
            assert (refused.status, OTHER in refused.reason, OTHER in refused.instead) == (
                "refused",
                True,
                True,
            )

    def test_a_claim_of_an_earlier_policy_closes_at_once_and_reminds_the_other(self) -> None:
        paper = Paper(TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"merge_answer_minutes": 0}))
        paper.must(Action.MERGE, OPERATOR, into=OTHER)
        assert paper.claim.closed is not None
        assert (paper.claim.closed.reason, paper.claim.over) == (CloseReason.MERGED, True)
        assert [entry.rules for entry in paper.events(EventKind.MERGED, EventKind.CLOSED)] == [("R48",)] * 2
        (errand,) = tasks(paper, BackgroundTaskKind.REMIND_CLAIM)
        assert errand["number"] == OTHER
        sent = RemindClaim.model_validate(errand).envelope
        assert (sent.actor, paper.claim.number in str(sent.body["text"])) == (OPERATOR, True)

    def test_a_claim_of_an_earlier_policy_is_not_merged_into_one_that_it_has_taken_over(self) -> None:
        paper = Paper(TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"merge_answer_minutes": 0}))
        ask_to_merge(paper)
        assert paper.do(Action.MERGE, OPERATOR, into=OTHER).rule == "R48"
        paper.must(Action.MERGE, OPERATOR, into=LATER)

    def test_a_claim_of_an_earlier_policy_may_be_merged_into_one_that_it_refused_to_take_over(self) -> None:
        paper = Paper(TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"merge_answer_minutes": 0}))
        assert not answer_of(ask_to_merge(paper, enterprise="另一家公司")).accepted
        paper.must(Action.MERGE, OPERATOR, into=OTHER)


def patient() -> Policy:
    return DEFAULT_POLICY.model_copy(update={"merge_answer_minutes": 5000})


class TestTheClaimThatIsAsked:
    def test_it_takes_over_as_a_reminder_and_tells_its_unit(self) -> None:
        paper = Paper(TUESDAY).dispatched()
        limits = paper.claim.limits
        answer = answer_of(ask_to_merge(paper))
        assert (answer.accepted, answer.asked_by, answer.answered_by) == (True, OTHER, paper.claim.number)
        (reminder,) = paper.events(EventKind.REMINDED)
        assert (reminder.rules, OTHER in reminder.text) == (("R48", "R46"), True)
        assert paper.claim.reminders == 1
        assert paper.claim.limits == limits
        assert POWER in {notice.unit for notice in paper.notices if notice.kind is EventKind.REMINDED}

    def test_asked_again_by_the_same_request_it_gives_the_same_answer_again(self) -> None:
        paper = Paper(TUESDAY)
        first = answer_of(ask_to_merge(paper))
        paper.must(Action.WITHDRAW, CALLER)
        assert answer_of(ask_to_merge(paper)) == first
        assert paper.claim.reminders == 1
        assert not answer_of(ask_to_merge(paper, request_id="new")).accepted

    @pytest.mark.parametrize(
        ("prepare", "said"),
        [
            (lambda paper: paper.must(Action.WITHDRAW, CALLER), "已办结"),
            (lambda paper: paper.must(Action.ANSWER, OPERATOR), "已办结"),
            (lambda paper: paper.must(Action.MERGE, OPERATOR, into="QH202611200007"), "QH202611200007"),
        ],
    )
    def test_ended_answered_or_merged_it_refuses_and_says_so(
        self, prepare: Callable[[Paper], None], said: str
    ) -> None:
        paper = Paper(TUESDAY, category=Category.CONSULTATION)
        prepare(paper)
        answer = answer_of(ask_to_merge(paper))
        assert (answer.accepted, answer.rule) == (False, "R48")
        assert said in answer.reason
        assert answer.instead
        assert paper.claim.reminders == 0

    def test_of_another_enterprise_or_itself_it_takes_over_nothing(self) -> None:
        paper = Paper(TUESDAY)
        answers = [
            answer_of(ask_to_merge(paper, enterprise="另一家公司")),
            answer_of(ask_to_merge(paper, paper.claim.number)),
        ]
        assert [(one.accepted, one.rule) for one in answers] == [(False, "R48")] * 2
        assert paper.claim.reminders == 0

    def test_what_was_due_before_it_is_asked_comes_first(self) -> None:
        paper = Paper(TUESDAY).dispatched()
        paper.now = beijing("Thu 2026-11-26 09:00")
        step = ask_to_merge(paper)
        kinds = [entry.kind for entry in step.entries]
        assert {EventKind.WINDOW_CLOSED, EventKind.LETTER_ISSUED, EventKind.LIGHT_GIVEN} <= {*kinds[:-1]}
        assert kinds[-1] is EventKind.REMINDED
        assert [entry.seq for entry in step.entries] == sorted(entry.seq for entry in step.entries)
        assert EventKind.LETTER_ISSUED in {notice.kind for notice in step.notices}
        assert BackgroundTaskKind.REPORT_LIGHT in {task.kind for task in step.background_tasks}

    @pytest.mark.rule("§1")
    @pytest.mark.parametrize(
        ("mine", "theirs", "is_taken"),
        [
            ("u-1", "u-1", True),
            ("u-1", "u-2", False),
            ("u-1", "", True),
            ("", "u-2", True),
            ("", "", True),
        ],
    )
    @pytest.mark.parametrize("compares", [True, False], ids=["now", "before"])
    def test_of_an_equal_name_and_another_account_it_takes_over_nothing(
        self, mine: str, theirs: str, is_taken: bool, compares: bool
    ) -> None:
        """Under an earlier edition the name decides, whatever the request says."""
        paper = Paper(
            TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"merging_compares_accounts": compares})
        )
        own = paper.claim.order.model_copy(update={"credit_code": "", "account": mine})
        paper.claim = paper.claim.model_copy(update={"order": own})
        answer = answer_of(ask_to_merge(paper, account=theirs))
        assert answer.accepted == (is_taken or not compares)
        assert answer.accepted or "统一社会信用代码" in answer.instead

    @pytest.mark.rule("R7")
    @pytest.mark.parametrize(
        ("name", "is_taken"),
        [(ENTERPRISE.name, True), (f"{ENTERPRISE.name} ", False), ("另一家公司", False)],
    )
    def test_under_the_first_edition_the_very_same_name_is_the_same_enterprise(
        self, name: str, *, is_taken: bool
    ) -> None:
        paper = Paper(TUESDAY, policy=built_in_policy(1))
        step = ask_to_merge(paper, enterprise=name, credit_code="another")
        assert answer_of(step).accepted is is_taken

    def test_one_code_joins_two_accounts(self) -> None:
        paper = Paper(TUESDAY)
        own = paper.claim.order.model_copy(update={"account": "u-1"})
        paper.claim = paper.claim.model_copy(update={"order": own})
        assert answer_of(ask_to_merge(paper, account="u-2", credit_code=own.credit_code)).accepted

    @pytest.mark.rule("R46")
    def test_full_it_refuses(self) -> None:
        paper = Paper(TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"journal_lines": 1}))
        answer = answer_of(ask_to_merge(paper))
        assert (answer.accepted, answer.rule) == (False, "R46")

    def test_after_the_most_requests_it_answers_no_more(self) -> None:
        paper = Paper(TUESDAY, policy=DEFAULT_POLICY.model_copy(update={"most_take_overs": 2}))
        for n in range(2):
            answer_of(ask_to_merge(paper, request_id=f"m{n}"))
        step = ask_to_merge(paper, request_id="m2")
        assert (step.background_tasks, step.entries) == ([], [])
        assert answer_of(ask_to_merge(paper, request_id="m0")).accepted

    def test_waiting_itself_it_gives_up_its_own_merge_for_one_registered_later(self) -> None:
        paper = waiting()
        step = ask_to_merge(paper, LATER)
        assert answer_of(step).accepted
        assert [(outcome.request_id, outcome.status, outcome.rule) for outcome in step.outcomes] == [
            ("r1", "refused", "R48")
        ]
        assert LATER in step.outcomes[0].reason
        assert late_answer_changes_nothing(paper)

    def test_waiting_itself_it_refuses_one_registered_earlier(self) -> None:
        paper = waiting()
        answer = answer_of(ask_to_merge(paper, OTHER))
        assert not answer.accepted
        assert f"正在并入{OTHER}" in answer.reason
        assert paper.claim.merging is not None


def late_answer_changes_nothing(paper: Paper) -> bool:
    before: Claim = paper.claim
    answer = TakeOverAnswer(request_id="r1", asked_by=before.number, answered_by=OTHER, accepted=True)
    return linked_claims.merge_answered(before, answer, now=paper.now).claim == before


def test_a_claim_that_is_being_merged_itself_refuses_and_names_the_rule_and_where() -> None:
    answer = answer_of(ask_to_merge(waiting(), "QH202611230001", request_id="third"))
    assert (answer.accepted, answer.rule) == (False, "R48")
    assert OTHER in answer.reason
    assert OTHER in answer.instead
