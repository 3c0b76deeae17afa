"""Reporting lights and causes to a unit's account, and its revocations to the claim."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue
from temporalio import activity
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ApplicationError,
    ApplicationErrorCategory,
    WorkflowAlreadyStartedError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import NotTaken, deliver, has_had_all_signals
from activities.workflow_ids import REVOKE_LIGHT, UNIT, unit_workflow_id, workflow_id
from claims.editions.edition import Edition, policy_for
from claims.model.journal import Entry, Notice
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import BackgroundTaskKind
from claims.model.unit_account import AccountLight, Cause, UnitAccount
from claims.papers.unit_papers import Case, CaseMaterial, is_on_record, material_of
from records.accounts import revoke_light, write_account
from records.database.engine import Records
from records.queries.claims import journal, snapshot

RECORD_ACCOUNT = "record_account"
REVOKE_CLAIM_LIGHT = "revoke_claim_light"
GATHER_CASE = "gather_case"
PATIENT_TRIES: Final = 20
NEXT_RUN: Final = timedelta(seconds=10)
"""Until an account that has had all its signals is asked again. Backing off would take minutes."""


class RecordsNotYetWritten(Exception):
    """A claim's record does not contain the requested light or cause yet."""


class AccountRecord(BaseModel):
    """The records of a unit's account; idempotent by unit and `seq`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UnitAccount
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()


class LightActivities:
    """Reaches units and claims through one client, and the records."""

    def __init__(
        self,
        client: Client,
        records: Records,
        task_queue: str,
        editions: Callable[[], Awaitable[Sequence[Edition]]],
    ) -> None:
        self._editions = editions
        self._client = client
        self._records = records
        self._task_queue = task_queue

    @activity.defn(name=BackgroundTaskKind.REPORT_LIGHT.value)
    async def report_light(self, light: AccountLight) -> None:
        """R33: counted once by its id, however often it is reported."""
        await self._post(light.unit, light.unit_name, "post_light", light.model_dump(mode="json"))

    @activity.defn(name=BackgroundTaskKind.REPORT_CAUSE.value)
    async def report_cause(self, cause: Cause) -> None:
        """R45, R52: a file once by its id."""
        await self._post(cause.unit, cause.unit_name, "post_cause", cause.model_dump(mode="json"))

    async def _post(self, unit: str, name: str, signal: str, argument: dict[str, JsonValue]) -> None:
        """Signal a unit's workflow, which its first light starts. One that was ended by hand is not started again, which
        would forget its lights: the activity is retried until it is reset. One that has had all its signals takes
        more when it has continued as new."""
        policy = policy_for(await self._editions(), activity.info().scheduled_time)
        try:
            await self._client.start_workflow(
                "Unit",
                {"account": {"unit": unit, "name": name, "policy": policy.model_dump(mode="json")}},
                id=unit_workflow_id(unit),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                start_signal=signal,
                start_signal_args=[argument],
                static_summary=f"{name}：亮牌、约谈与问责",
                search_attributes=TypedSearchAttributes([SearchAttributePair(UNIT, name)]),
            )
        except WorkflowAlreadyStartedError as error:
            # The server does not accept this error as an activity's failure.
            message = f"{name}的台账流程已被停止：请在 Temporal UI 中重置 {unit_workflow_id(unit)}"
            raise ApplicationError(message, type="AccountStopped") from error
        except RPCError as error:
            if not has_had_all_signals(error):
                raise
            message = f"{name}的台账正在换用新的运行，稍后再计入"
            busy = ApplicationErrorCategory.BENIGN
            raise ApplicationError(
                message, type="AccountBusy", next_retry_delay=NEXT_RUN, category=busy
            ) from error

    @activity.defn(name=RECORD_ACCOUNT, no_thread_cancel_exception=True)
    def record_account(self, record: AccountRecord) -> int:
        """Journal, measures, account and notices in one transaction. Returns the `seq` that the records now hold."""
        write_account(self._records, record.account, record.entries, record.notices)
        return record.account.seq

    @activity.defn(name=GATHER_CASE)
    def gather_case(self, case: Case) -> CaseMaterial:
        """R36: return the records of the case's claims once they include the case; read-only. Raises
        RecordsNotYetWritten for some minutes; after that, returns what there is.
        """
        found = [
            (claim, journal(self._records, number))
            for number in case.numbers
            if (claim := snapshot(self._records, number)) is not None
        ]
        there = len(found) == len(case.numbers) and all(is_on_record(case, *one) for one in found)
        if not there and activity.info().attempt < PATIENT_TRIES:
            raise RecordsNotYetWritten(case.measure)
        return material_of(case, found)

    @activity.defn(name=REVOKE_CLAIM_LIGHT)
    async def revoke_claim_light(self, word: LightRevoked) -> bool:
        """R37: the claim's light stays visible as revoked; of a claim that has ended, in the records alone. Had it?"""
        handle = self._client.get_workflow_handle(workflow_id(word.number))
        try:
            await deliver(handle, REVOKE_LIGHT, word)
            return False
        except NotTaken:
            return False
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.to_thread(revoke_light, self._records, word)
            return True
