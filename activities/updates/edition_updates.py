"""Telling open claims and units' accounts that an edition reaches them (R7)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.deadlines import schedule
from activities.updates.calendar_updates import PageResult
from activities.updates.claim_news import ClaimEnded, update_claim
from activities.workflow_ids import unit_workflow_id
from calendar_rules import WorkingCalendar
from claims.deadlines.recalculation import CalendarAnswer, NewEdition
from claims.deadlines.scheduling import limits_to_schedule
from claims.editions.edition import Edition, Reach, editions_between, policy_after
from claims.model.claim import Claim
from claims.model.journal import TransitionRecord
from claims.model.policy import Policy
from claims.procedure import new_edition
from records.accounts import every_account
from records.arrangements import all_published, calendar_of
from records.claim_writer import write_steps
from records.database.engine import Records
from records.editions import in_force, mark_edition_finished, published_editions
from records.queries.edition_claims import RunningClaimsPage, running_claims

TELL_CLAIMS: Final = "tell_claims_of_edition"
TELL_ACCOUNTS: Final = "tell_accounts_of_edition"
FINISH_EDITION: Final = "finish_edition_update"
ADOPT_EDITION: Final = "adopt_edition"
"""The signal to a claim or a unit's account."""
TAKE_EDITION: Final = "take_edition"
"""The update: it brings the calendar's answers, and the claim hands over its record."""
AT_ONCE: Final = 12
"""Number of claims updated concurrently. An action sent meanwhile waits at most for these."""


class EditionPage(BaseModel):
    """One page of claims to update with an edition: those after a number. A claim is updated once per `sweep`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    edition: Edition
    at: datetime
    after: str = ""
    sweep: int = 1
    at_once: int = AT_ONCE


class EditionUpdateActivities:
    """Finds the claims in the records, updates them, and writes the records that they return."""

    def __init__(self, client: Client, records: Records) -> None:
        self._client = client
        self._records = records

    @activity.defn(name=TELL_CLAIMS)
    async def tell_claims_of_edition(self, page: EditionPage) -> PageResult:
        """Update one page of claims. After an interruption, start the page again; claims that have the
        edition are skipped.
        """
        found = await asyncio.to_thread(running_claims, self._records, page.edition, page.after)
        messages = await asyncio.to_thread(self._messages, page, found)
        numbers, told = list(messages), 0
        for start in range(0, len(numbers), page.at_once):
            batch = numbers[start : start + page.at_once]
            told += await self._update_claims({number: messages[number] for number in batch}, page.sweep)
            activity.heartbeat(batch[-1])
        return PageResult(after=found.after, told=told, ended=len(numbers) - told)

    def _messages(self, page: EditionPage, found: RunningClaimsPage) -> dict[str, NewEdition]:
        editions = in_force(published_editions(self._records))
        calendar = calendar_of(all_published(self._records))
        news = ((claim.number, news_for(claim, page, editions, calendar)) for claim in found.claims)
        return {number: one for number, one in news if one is not None}

    async def _update_claims(self, messages: dict[str, NewEdition], sweep: int) -> int:
        """Update these claims; return how many were updated. The others had ended."""
        id = f"{activity.info().workflow_run_id}-{sweep}"
        told = await asyncio.gather(
            *(
                update_claim(
                    self._client,
                    number,
                    update=TAKE_EDITION,
                    news=news,
                    id=id,
                    signal=ADOPT_EDITION,
                    fallback=news.model_copy(update={"answers": ()}),
                )
                for number, news in messages.items()
            ),
            return_exceptions=True,
        )
        handed_over = [one for one in told if isinstance(one, TransitionRecord)]
        await asyncio.to_thread(write_steps, self._records, handed_over)
        for one in told:
            if isinstance(one, BaseException) and not isinstance(one, ClaimEnded):
                raise one
        return sum(not isinstance(one, ClaimEnded) for one in told)

    @activity.defn(name=TELL_ACCOUNTS)
    async def tell_accounts_of_edition(self, page: EditionPage) -> int:
        """R7: signal the units' accounts whose policy the edition changes; how many."""
        editions = in_force(await asyncio.to_thread(published_editions, self._records))
        told = 0
        for account in await asyncio.to_thread(every_account, self._records):
            policy = policy_after(account.policy, editions, page.at, registered_at=page.at)
            if policy is not account.policy:
                handle = self._client.get_workflow_handle(unit_workflow_id(account.unit))
                try:
                    await handle.signal(ADOPT_EDITION, _news(page, policy, account.policy, editions))
                    told += 1
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:
                        raise
        return told

    @activity.defn(name=FINISH_EDITION, no_thread_cancel_exception=True)
    def finish_edition_update(self, id: str, at: datetime) -> None:
        """Note in the records that all open claims and accounts know the edition; idempotent."""
        mark_edition_finished(self._records, id, at)


def news_for(
    claim: Claim, page: EditionPage, editions: Sequence[Edition], calendar: WorkingCalendar
) -> NewEdition | None:
    """Return the update for a claim, with the schedules that it will request; None if nothing changes for it."""
    order = claim.order
    policy = policy_after(
        claim.policy, editions, page.at, order.channel, order.category, registered_at=claim.registered_at
    )
    if policy is claim.policy:
        return None
    news = _news(page, policy, claim.policy, editions)
    asked = limits_to_schedule(new_edition(claim, news, now=page.at).claim)
    answers = (
        CalendarAnswer(request=item, schedule=schedule(calendar, item)) for item in asked if item.edition
    )
    return news.model_copy(update={"answers": tuple(answers)})


def _news(page: EditionPage, policy: Policy, old: Policy, editions: Sequence[Edition]) -> NewEdition:
    """`policy` may include later editions: a late update brings the newest one."""
    taken = editions_between(old, policy, editions)
    return NewEdition(
        edition=taken[-1].id,
        source=taken[-1].source,
        policy=policy,
        reaches_open=any(item.reaches is Reach.OPEN for item in taken),
        sent_at=page.at,
    )
