"""The effects of an account's transitions: records, messages to claims and papers, sent in order by one coroutine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from pydantic import JsonValue
from temporalio import workflow

from activities import priorities
from activities.lights import GATHER_CASE, RECORD_ACCOUNT, REVOKE_CLAIM_LIGHT, AccountRecord
from activities.task_queues import ActivityQueue
from claims.model.journal import Entry, Notice
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import BackgroundTaskKind
from claims.model.unit_account import UnitAccount
from claims.papers.requests import PaperRequest
from claims.papers.unit_papers import Case, CaseMaterial, accountability_paper
from claims.recording.change import in_batches
from claims.units.paper_drafts import accountability_cases, interview_papers
from claims.units.transition import UnitTransition
from workflows.outgoing import retry_policies
from workflows.outgoing.ended_activities import until_done
from workflows.outgoing.task_queues import beside_own
from workflows.patches import BOUNDED_ACCOUNTS, WHOLE_MEASURES

LARGEST_RECORD: Final = 64 * 1024
"""The approximate bytes that a record adds to the account."""


class UnitOutbox:
    """Sends what the account has done to records and claims. The account does not wait for them."""

    def __init__(self, *, unrecorded: list[Entry], to_revoke: list[LightRevoked]) -> None:
        self.told_an_ended_claim = False
        self._unrecorded = unrecorded
        self._to_revoke = to_revoke
        self._untold: list[Notice] = []
        self._papers: list[PaperRequest | Case] = []
        self._is_sending = False

    @property
    def is_empty(self) -> bool:
        """Whether everything has been sent."""
        return not (self._unrecorded or self._to_revoke or self._papers or self._is_sending)

    def take(self, transition: UnitTransition) -> None:
        """Add a transition's effects."""
        self._unrecorded += transition.entries
        cases = accountability_cases(transition)
        if (transition.notices or cases) and workflow.patched(WHOLE_MEASURES):
            self._untold += transition.notices
            self._papers += cases
        else:
            self._papers += [accountability_paper(case, CaseMaterial()) for case in cases]
        self._papers += interview_papers(transition)

    def revoke(self, word: LightRevoked) -> None:
        """Tell the claim that its light is revoked (R37)."""
        self._to_revoke.append(word)

    async def send(self, account: Callable[[], UnitAccount]) -> None:
        """Send everything in order, without end."""
        while True:
            await workflow.wait_condition(lambda: bool(self._unrecorded or self._to_revoke or self._papers))
            self._is_sending = True
            entries, self._unrecorded = self._unrecorded, []
            words, self._to_revoke = self._to_revoke, []
            papers, self._papers = self._papers, []
            notices, self._untold = self._untold, []
            for record in _records(account(), entries, notices):
                await _outside(RECORD_ACCOUNT, record, "写入单位台账")
            for word in words:
                had_ended = await _outside(REVOKE_CLAIM_LIGHT, word, f"撤销工单{word.number}的亮牌")
                self.told_an_ended_claim = self.told_an_ended_claim or had_ended is True
            for paper in papers:
                await _file(paper)
            self._is_sending = False


def _records(account: UnitAccount, entries: list[Entry], notices: list[Notice]) -> list[AccountRecord]:
    """Return the records to write, split by size."""
    if not entries:
        return []
    batches = [*in_batches(entries, (), notices, largest=LARGEST_RECORD)]
    if len(batches) > 1 and workflow.patched(BOUNDED_ACCOUNTS):
        return [
            AccountRecord(account=account, entries=batch.entries, notices=batch.notices) for batch in batches
        ]
    return [AccountRecord(account=account, entries=tuple(entries), notices=tuple(notices))]


async def _file(paper: PaperRequest | Case) -> None:
    if isinstance(paper, Case):
        gathered = await _outside(GATHER_CASE, paper, f"汇集问责材料：{paper.measure}")
        paper = accountability_paper(paper, CaseMaterial.model_validate(gathered))
    await _outside(BackgroundTaskKind.FILE_PAPER.value, paper, f"制发文书：{paper.id}")


async def _outside(
    activity: str, argument: AccountRecord | LightRevoked | PaperRequest | Case, summary: str
) -> JsonValue:
    queue = ActivityQueue.RECORDS if activity == RECORD_ACCOUNT else ActivityQueue.PAPERS

    async def do() -> JsonValue:
        result: JsonValue = await workflow.execute_activity(
            activity,
            argument,
            task_queue=beside_own(queue),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            priority=priorities.RECORDS if queue is ActivityQueue.RECORDS else priorities.PAPERS,
            summary=summary,
        )
        return result

    return await until_done(do)
