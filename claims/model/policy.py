"""Every number and switch of the plan, by rule id. Working days unless a field says otherwise.

A claim carries its policy: the one of its registration, until an edition that reaches open claims brings another
(R7, `claims.editions.edition`). So neither a later edition nor later code changes what was decided (R6).
"""

from datetime import time
from functools import lru_cache
from typing import Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

_ON: Final = "switched_on"


class Policy(BaseModel):
    """The plan's parameters. `◇` in the rulebook marks those that the plan leaves to us."""

    model_config = ConfigDict(frozen=True)

    version: str = "2021-4"
    """The editions that it follows from, by their ids (R7). The first is the plan itself, 枣办发〔2021〕4号."""
    revision: int = 0
    """R7: the place of the last of them among the published editions. 0: none."""
    built_in: int = 1
    """R7: how many of the built-in editions it follows from. 1: the plan alone (policies before this field)."""
    cutoff: time | None = None
    """R3: None is 24:00 of the last day; a time of day is a close of business."""

    dispatch_days: int = 1
    """§二.三.2 ◇ registration to answer, decline or dispatch."""
    return_window_days: int = 1
    """§二.三.2 R15: delivery to a complete return."""
    redetermine_days: int = 1
    """§二.三.2 R15."""
    arbitrate_days: int = 1
    """§二.三.2 R16."""
    contact_days: int = 1
    """§二.四.1."""
    reply_days: int = 2
    """§二.四.2."""
    resolve_days: int = 10
    """§二.四.2."""
    extended_resolve_days: int = 25
    """§二.四.2 R17: in total, from delivery."""
    extension_decision_days: int = 1
    """§二.四.2 ◇ R17."""
    supervised_feedback_days: int = 1
    """§二.五.2 R32: yellow to red."""
    call_back_days: int = 1
    """§二.五.3 ◇."""
    redo_days: int = 5
    """§二.五.3 R43."""
    at_least_days: int = 1
    """R5, R17 ◇: what is at least left when a paused limit resumes."""

    review_form_days: int = 3
    """§二.六.2 R44 ◇: from the second dissatisfaction."""
    verification_days: int = 3
    """§二.六.2 R44 ◇."""
    ordered_completion_days: int = 5
    """§二.六.3 R45 ◇: where the order names no other number."""
    ordered_completion_most_days: int = 15
    """R45 ◇."""
    max_orders: int = 2
    """R45: then the leadership group."""
    explanation_days: int = 10
    """R44 ◇: how long a verified claim waits for the unit's further explanation to be recorded."""
    unreachable_attempts: int = 3
    """R41 ◇: calls that nobody answered."""
    unreachable_attempt_days: int = 2
    """R41 ◇: working days on which they lie, at least."""
    link_days: int = 3
    """R41 ◇: after the link by message."""
    reopening_days: int = 10
    """R41 ◇: how long an unreachable claim can be reopened."""
    dispute_days: int = 10
    """R52 ◇: how long a closed claim waits for a disputed contact to be checked."""

    interview_days: int = 5
    """§二.五.2 R35 ◇: from the second yellow light."""

    warning_days: int = 1
    """R30 ◇: before a limit ends."""
    co_unit_lead_days: int = 2
    """R14 ◇: co-units' parts are due this much before the lead's."""
    reminders_after_red: int = 3
    """R32 ◇: one on each working day after the red light."""
    reminder_time: time = time(9)
    """R32 ◇: Beijing time of day."""
    escalate_after_red_days: int = 3
    """R32 ◇: then the claim goes to 督导问效组."""
    standstill_days: int = 0
    """R32 ◇: how long an open claim may have no running limit before the next person to act is reminded. 0:
    no reminder (policies before this field).
    """

    phone_years: int = 2
    """R70 ◇: calendar years after closing from which on phone numbers are masked."""

    max_dispatches: int = 3
    """R16."""
    answered_follow_up_days: int = 10
    """R12 ◇: how long an answered consultation waits for its satisfaction question (as R41's reopening)."""
    arrival_seconds: int = 0
    """How long a timer waits after its instant for actions that the API received before it. 0: no wait (policies
    before this field)."""
    journal_lines: int = 0
    """R46: the number of journal entries from which on reminders, supplements and progress are refused, so that
    the history stays within Temporal's limits. 0: no maximum."""
    repeats_per_round: int = 0
    """R46: how often one person may do the same thing again in one round, where nothing moves on by it. 0: no
    maximum (policies before this field)."""
    repeats_per_side: int = 0
    """R46: how often all persons of one unit, or of one role without a unit, may do so together. 0: no maximum
    (policies before this field)."""
    short_body_bytes: int = 0
    """R46: what an action may hold once the claim holds `claim_bytes`. 0: no maximum."""
    claim_bytes: int = 0
    """R46: bytes of accepted actions from which on only short ones are taken. 0: no maximum."""
    refusals_recorded: int = 0
    """How many refused actions a claim records; later ones are answered and counted. 0: all of them."""
    binds_request_ids: bool = False
    """A request id belongs to its sender and its content: used otherwise, it is refused and not taken for a repeat."""
    records_unreadable_signals: bool = False
    """A signal that cannot be read is recorded as that, and not judged as an action without content."""
    merge_answer_minutes: int = 0
    """R48 ◇: how long a claim that is to be merged waits for the other claim to take over its matter. 0: it closes without
    asking (policies before this field)."""
    most_take_overs: int = 100
    """R48 ◇: the number of requests to take over another claim that a claim answers, so that the history stays within
    Temporal's limits."""
    clock_skew_seconds: int = 60
    """How far in the future a reported contact may lie."""
    contact_after_signing: bool = False
    """R20: a unit signs for the work order before it records a contact. False: in any order."""
    contact_after_delivery: bool = False
    """R18: a contact dated before the delivery of its dispatch is refused, and the refusal cites R18."""
    disliked_answers_are_dispatched: bool = False
    """R12: after a dissatisfied evaluation of its answer, a consultation is dispatched, and nothing else."""
    declines_by_list: bool = False
    """R13: a claim is declined for a reason from the list, and with a channel from the directory."""
    asks_both_questions: bool = False
    """R40, R42: a call that reached somebody counts only with an answer to both questions."""
    unreached_by_hotline: bool = False
    """R41: only the hotline can record that nobody was reached."""
    interviews_set_dates: bool = False
    """R35: an interview's record holds at least one measure, each with a date."""
    lead_signs: bool = False
    """R5, R21: returns and extensions come from the lead unit, not from a unit that it delegated to."""
    scans_with_claim: bool = False
    """R15, R17, R44: a signed paper is a scan that the unit has uploaded to the claim."""
    arbiter_hears_justice: bool = False
    """R16: 市委编办 alone rules, with the opinion of 市司法局, named and dated."""
    co_units_report: bool = False
    """R22: co-units sign for their parts and report them; a late one is warned. False: only the lead is asked."""
    subcategories_listed: bool = False
    """R11: a subcategory is one of the plan's kinds of its category. False: any text."""
    splits_calls: bool = False
    """R49: a call with several matters is split before dispatch."""
    refusals_cite_stage: bool = False
    """A refused form cites the rule of its action in the stage. False: §1, or the action's first rule."""
    tells_of_overdue_arbitration: bool = False
    """R16: 综合协调组 is notified of an overdue arbitration. False: the journal alone says so."""
    light_starts_own_day: bool = False
    """R2, R32: the day on which a light is given is day 0 of what it starts. False: the last day of its limit."""
    one_reminder_a_day: bool = False
    """R32: one reminder a day for the claim, and one escalation a round. False: for each limit."""
    revoked_yellow_stops_red: bool = False
    """R32, R37: a yellow light that is revoked before its red leaves no red, and a revocation is dated. False: the red
    comes all the same."""
    one_pair_of_lights_a_limit: bool = False
    """R18, R32: feedback that is sent back counts as not given; one yellow and one red at most. False: it ends the limit and
    its supervision, and a new limit of a day begins."""
    refused_extension_is_capped: bool = False
    """R17: what runs on after a refusal ends by the day that an approval would have given. False: however late."""
    disproves_contacts: bool = False
    """R52: confirmed false feedback takes the contact and the satisfaction from the claim itself. False: from its assessment
    alone."""
    leadership_ends_claims: bool = False
    """R45: the leadership group is notified, and decides how the claim ends. False: it may order completion again."""
    pair_uses_up_incidents: bool = False
    """R34: the other lights of two incidents that have triggered a measure count no more. False: they may form another
    pair."""
    accounts_cite_own_rules: bool = False
    """R32, R36: a unit's account cites the rule of the light's colour, and of a file its cause. False: R31, R34."""
    interview_counts_from_revocation: bool = False
    """R35: the limit of an interview that a revocation brings counts from the revocation. False: from its second light."""
    letters_name_last_day: bool = False
    """R31 ◇: a supervision letter names the last day of the supervised feedback."""
    need_to_know: bool = False
    """§1, R54: an enterprise is its credit code or its account, and a unit sees a claim only while it is its own. False: the
    name opens a claim, and a unit sees what it ever had."""
    normalises_text: bool = False
    """§1, R10: texts are normalised before they are judged, also those that are typed in the Temporal UI. False: as sent."""
    complaints_bypass_unit: bool = False
    """R53: a complaint is never dispatched to the unit that it is about, or to one below it."""
    merging_compares_accounts: bool = False
    """§1, R48: two accounts are two enterprises, also where a claim itself decides about a merge. False: an equal name is
    enough for it."""
    repeats_only_ahead: bool = False
    """R18, R32: feedback that is sent back can bring the claim to 督导问效组 as of days that have passed; it comes before them
    again counted from its return. False: also for every five of those days."""
    refuses_unknown_fields: bool = False
    """§1: a signal typed in the Temporal UI with a field that its action lacks is refused. False: the field is ignored."""
    quotes_refused_declines: bool = False
    """R13: the line of a refused decline quotes it: 不予办理“不予受理”. False: 不予不予受理."""

    @model_validator(mode="before")
    @classmethod
    def _switched_on(cls, given: object) -> object:
        """Fill in fields that the short form leaves out."""
        if isinstance(given, dict) and isinstance(names := given.get(_ON), str):
            return {**given, **dict.fromkeys(names.split(), True)}
        return given

    @model_serializer(mode="wrap")
    def _in_short(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        """The switches that are on are named together."""
        found: dict[str, object] = serialize(self)
        if not info.exclude_defaults:
            return found
        names = [name for name, value in found.items() if value is True]
        rest = {name: value for name, value in found.items() if value is not True}
        return {**rest, _ON: " ".join(names)} if names else rest

    def is_later_than(self, other: Self) -> bool:
        """R7: does it follow from an edition that the other does not know, and from all that the other does?"""
        mine, others = (self.built_in, self.revision), (other.built_in, other.revision)
        return mine != others and mine[0] >= others[0] and mine[1] >= others[1]

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """Immutable, so a deep copy shares it."""
        return self


DEFAULT_POLICY: Final = Policy(
    version="2021-4+2021-4-1+2021-4-2",
    built_in=3,
    standstill_days=5,
    arrival_seconds=10,
    journal_lines=1000,
    repeats_per_round=20,
    repeats_per_side=60,
    claim_bytes=400_000,
    short_body_bytes=4_000,
    refusals_recorded=100,
    binds_request_ids=True,
    records_unreadable_signals=True,
    merge_answer_minutes=30,
    contact_after_delivery=True,
    disliked_answers_are_dispatched=True,
    declines_by_list=True,
    asks_both_questions=True,
    unreached_by_hotline=True,
    interviews_set_dates=True,
    lead_signs=True,
    scans_with_claim=True,
    arbiter_hears_justice=True,
    co_units_report=True,
    subcategories_listed=True,
    splits_calls=True,
    refusals_cite_stage=True,
    tells_of_overdue_arbitration=True,
    light_starts_own_day=True,
    one_reminder_a_day=True,
    revoked_yellow_stops_red=True,
    one_pair_of_lights_a_limit=True,
    refused_extension_is_capped=True,
    disproves_contacts=True,
    leadership_ends_claims=True,
    pair_uses_up_incidents=True,
    accounts_cite_own_rules=True,
    interview_counts_from_revocation=True,
    letters_name_last_day=True,
    need_to_know=True,
    refuses_unknown_fields=True,
    quotes_refused_declines=True,
    normalises_text=True,
    complaints_bypass_unit=True,
    merging_compares_accounts=True,
    repeats_only_ahead=True,
)
"""What the built-in editions say together (`claims/editions/*.json`). Policies change by editions (R7)."""


@lru_cache(maxsize=64)
def shared(policy: Policy) -> Policy:
    """Return one shared instance of equal policies: a worker keeps the claims of thousands, and few are in force."""
    return policy
