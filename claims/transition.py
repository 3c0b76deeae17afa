"""One transition of a claim: a changed copy, its journal entries, notices and background tasks."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, JsonValue

from claims.model.claim import Claim
from claims.model.claim_parts import Dispatch
from claims.model.door import Door
from claims.model.events import EventKind
from claims.model.journal import BackgroundTask, Entry, Notice, Outcome
from claims.model.organisation import UnitRef
from claims.model.terms import BackgroundTaskKind
from claims.model.values import Actor
from claims.papers.requests import PaperRequest

ENTERPRISE: Final = "enterprise"
"""The `unit` of a notice to the claim's enterprise."""


Units = dict[str, UnitRef]
"""The units that an action names, by id."""


class Transition:
    """The change of a claim by one action or by the passing of time.

    It works on a copy, so a transition that is refused half-way leaves nothing behind. `at` is the instant of the
    action, `recorded_at` the workflow's time when it is recorded, `units` the units that the action names, `door` the channel.
    """

    def __init__(
        self,
        claim: Claim,
        *,
        at: datetime,
        recorded_at: datetime,
        actor: Actor | None = None,
        request_id: str = "",
        units: Units | None = None,
        door: Door | None = None,
    ) -> None:
        self.claim = claim.model_copy(deep=True)
        self.at = at
        self.recorded_at = recorded_at
        self.actor = actor
        self.request_id = request_id
        self.units = units or {}
        self.door = door
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.background_tasks: list[BackgroundTask] = []
        self.outcomes: list[Outcome] = []
        """Outcomes of earlier requests that were open until now (R48)."""

    def write(
        self,
        kind: EventKind,
        *rules: str,
        text: str,
        at: datetime | None = None,
        data: dict[str, JsonValue] | None = None,
        actor: Actor | None = None,
        request_id: str = "",
    ) -> Entry:
        """Write the next journal entry, by the transition's actor unless it is about another request."""
        self.claim.seq += 1
        entry = Entry(
            seq=self.claim.seq,
            at=at or self.at,
            recorded_at=self.recorded_at,
            kind=kind,
            rules=rules,
            text=text,
            actor=actor or self.actor,
            request_id=request_id or self.request_id,
            data=data or {},
        )
        self.entries.append(entry)
        return entry

    def follow(self, before: "Transition") -> None:
        """Put an earlier transition's entries and effects before this one's."""
        self.entries[:0] = before.entries
        self.notices[:0] = before.notices
        self.background_tasks[:0] = before.background_tasks
        self.outcomes[:0] = before.outcomes

    def notify(self, unit: UnitRef | None, entry: Entry) -> None:
        """Notify a unit of an entry. The records make the copies of R38."""
        if unit is not None:
            notice = Notice(
                id=f"{self.claim.number}/{entry.seq}/{unit.id}",
                at=entry.at,
                kind=entry.kind,
                unit=unit.id,
                text=entry.text,
            )
            self.notices.append(notice)

    def notify_enterprise(self, entry: Entry) -> None:
        """Notify the enterprise of an entry by message."""
        notice = Notice(
            id=f"{self.claim.number}/{entry.seq}/{ENTERPRISE}",
            at=entry.at,
            kind=entry.kind,
            unit=ENTERPRISE,
            text=entry.text,
        )
        self.notices.append(notice)

    def run_in_background(self, kind: BackgroundTaskKind, id: str, body: BaseModel) -> None:
        """Add a background task: an activity of that kind, run once per id."""
        self.background_tasks.append(BackgroundTask(id=id, kind=kind, body=body.model_dump(mode="json")))

    def file_paper(self, paper: PaperRequest) -> None:
        """Add a background task that makes and files a paper."""
        self.run_in_background(BackgroundTaskKind.FILE_PAPER, paper.id, paper)

    def current_dispatch(self) -> Dispatch:
        """Return the current dispatch. The lifecycle table allows no action of a unit without one."""
        dispatch = self.claim.dispatch
        if dispatch is None:
            raise LookupError(f"{self.claim.number} has not been dispatched")
        return dispatch
