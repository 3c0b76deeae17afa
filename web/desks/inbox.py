"""`/app/inbox`: a unit's open claims, what is late first, and what awaits the head's signature."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Final, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.http.dependencies import Caller, Used
from api.http.problems import Kind as ProblemKind
from api.http.problems import Problem
from api.schemas.claim_search import Search, filter_of
from claims.model.labels import label
from claims.model.terms import Role, Stage
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from records.people.signature_drafts import SignatureDraft
from records.queries.claims import find_claims
from records.queries.paging import BadCursor, ClaimSort, PageRequest
from service_layer.services import Services
from service_layer.views.claim_list import ClaimSummary
from service_layer.views.serializers import claim_summary
from service_layer.worklists.filters import filters_of
from service_layer.worklists.inbox import (
    NAMES,
    InboxNotice,
    InboxTab,
    note_notices_as_seen,
    unit_inbox,
    unit_notices,
)
from service_layer.worklists.items import WorkItem
from service_layer.worklists.signatures import draft_id, drafts_shown
from web.claims.action_forms import FORMS
from web.claims.form_fields import FormField, Kind
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

PATH: Final = "/app/inbox"
FINISHED: Final = "finished"
"""The group of closed claims; they wait for nobody, so they are in no worklist."""
FINISHED_NAME: Final = "已办结"
FINISHED_AT_ONCE: Final = 20


class Chosen(BaseModel):
    """The page's filter form; empty fields do not filter."""

    model_config = ConfigDict(extra="ignore")

    group: str = Field(default="", max_length=40)
    text: str = Field(default="", max_length=200)
    unit: str = Field(default="", max_length=64)
    cursor: str = Field(default="", max_length=500)

    def fits(self, item: WorkItem) -> bool:
        """Return whether a claim is among what is looked for."""
        words = (item.number, item.enterprise, item.matter, item.district_name)
        has_text = not self.text or any(self.text.strip().upper() in word.upper() for word in words)
        return has_text and self.unit in ("", item.unit)


class Finished(NamedTuple):
    """A page of closed claims, and the address of the next one; empty on the last."""

    rows: Sequence[ClaimSummary]
    next_page: str


class ShownDraft(NamedTuple):
    """An act that awaits signature, as the head reads it."""

    id: str
    request_id: str
    draft: SignatureDraft
    name: str
    lines: Sequence[tuple[str, str]]


@router.get(PATH)
async def inbox_page(
    request: Request, services: Used, actor: Caller, chosen: Annotated[Chosen, Query()]
) -> Response:
    """Show one group; by default the first that is not empty."""
    whole = await unit_inbox(services, actor)
    groups = {one: [item for item in items if chosen.fits(item)] for one, items in whole.items()}
    drafts = await drafts_shown(services, actor)
    counts = {one: len(items) for one, items in groups.items()}
    counts[InboxTab.FOR_THE_HEAD] += len(drafts)
    finished = await _finished(services, actor, chosen) if chosen.group == FINISHED else None
    shown = FINISHED if finished else _shown_group(chosen, counts)
    notices = await unit_notices(services, actor)
    context = {
        "groups": [*((one, NAMES[one], counts[one]) for one in groups), (FINISHED, FINISHED_NAME, None)],
        "shown": shown,
        "shown_name": NAMES[shown] if isinstance(shown, InboxTab) else FINISHED_NAME,
        "items": [(item, f"web-{uuid4().hex}") for item in groups[shown]]
        if isinstance(shown, InboxTab)
        else [],
        "finished": finished,
        "drafts": [_shown(services, one) for one in drafts] if shown is InboxTab.FOR_THE_HEAD else [],
        "signs": actor.has(Role.HEAD),
        "chosen": chosen,
        "units": _units(whole),
        "filters": await filters_of(services, actor, "inbox"),
        "notices": notices,
    }
    await _note_as_seen(services, actor, notices)
    return render(request, "inbox.html", context)


def _shown_group(chosen: Chosen, counts: Mapping[InboxTab, int]) -> InboxTab:
    if chosen.group in set(InboxTab):
        return InboxTab(chosen.group)
    return next((one for one, n in counts.items() if n), InboxTab.IN_HAND)


async def _finished(services: Services, actor: Actor, chosen: Chosen) -> Finished:
    """Return the unit's closed claims, the last to change first. Raises Problem for a cursor that no page
    gave out.
    """
    sort = ClaimSort.CHANGED_LAST
    search = Search(stage=Stage.CLOSED, text=chosen.text, unit=chosen.unit, sort=sort)
    page = PageRequest(sort=sort, cursor=chosen.cursor, limit=FINISHED_AT_ONCE)
    try:
        found = await services.records.run(find_claims, filter_of(services, search, actor), page)
    except BadCursor as error:
        raise Problem(ProblemKind.INVALID, str(error)) from error
    asked = {"group": FINISHED, "text": chosen.text, "unit": chosen.unit, "cursor": found.next_cursor}
    following = urlencode({name: value for name, value in asked.items() if value})
    rows = [claim_summary(row, actor) for row in found.rows]
    return Finished(rows, f"?{following}" if found.next_cursor else "")


async def _note_as_seen(services: Services, actor: Actor, notices: Sequence[InboxNotice]) -> None:
    """Mark notices as seen; the page is shown even if that fails."""
    if new := [one.at for one in notices if one.unread]:
        with suppress(RecordsUnavailable):
            await note_notices_as_seen(services, actor, max(new))


def _units(groups: Mapping[InboxTab, Sequence[WorkItem]]) -> dict[str, str]:
    """Return the units whose claims the inbox holds, by id."""
    items = [item for items in groups.values() for item in items]
    return {item.unit: item.unit_name for item in sorted(items, key=lambda one: one.unit)}


def _shown(services: Services, draft: SignatureDraft) -> ShownDraft:
    names = {unit.id: unit.short for unit in services.organisation.units}
    lines = [(field.label, value) for field, value in _filled(draft, names)]
    return ShownDraft(draft_id(draft), f"web-{uuid4().hex}", draft, label(draft.action), lines)


def _filled(draft: SignatureDraft, names: Mapping[str, str]) -> Iterator[tuple[FormField, str]]:
    """Yield the form's fields that were filled in, in its order."""
    for field in FORMS[draft.action]:
        value: JsonValue = draft.body
        for step in field.name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            written = "已附" if field.kind is Kind.FILE else dict(field.options).get(value, value)
            yield field, names.get(written, written) if field.source == "units" else written
