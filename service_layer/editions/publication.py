"""Publishing an edition, computing what it would change, and listing the published ones (R7)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from claims.editions.edition import Edition, built_in_editions
from claims.editions.validation import EditionRefused, check_fits, validate_edition
from claims.model.values import Actor
from records.database.engine import Records
from records.editions import (
    EditionRequest,
    EditionRequestIdTaken,
    PublishedEdition,
    publish_edition,
    published_editions,
    same_edition,
)
from records.queries.edition_claims import count_running_claims
from service_layer.clock import now
from service_layer.editions.edition_updates import start_edition_update
from service_layer.editions.effects import REACH_NAMES, ParameterChange, changes_of, changes_of_built_in
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import PUBLISHERS, require_role
from service_layer.services import Services

Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class EditionBody(BaseModel):
    """An edition to publish. The fields of `Edition` stand beside these; `claims.editions.validation` validates
    them."""

    model_config = ConfigDict(extra="allow")

    request_id: Id = Field(description="请求编号；同一编号重复提交只办一次")
    document: Line = Field(default="", description="依据文件的附件编号或地址")

    @property
    def raw(self) -> Mapping[str, JsonValue]:
        """The edition's fields."""
        return self.model_extra or {}


class PolicyEditionView(BaseModel):
    """An edition: what it changes, whom it reaches, since when."""

    id: str
    revision: int | None = Field(description="第几份公布的版本；系统自带的版本为 0，只核对时为 null")
    source: str = Field(description="依据（文号和标题）")
    document: str = ""
    in_force_from: datetime
    in_force: bool = Field(description="现在是否已生效")
    reaches: str
    reaches_name: str
    changes: list[ParameterChange]
    open_claims: int = Field(description="适用的未办结工单数（reaches 为 open 时）")
    note: str = ""
    entered_at: datetime | None = Field(default=None, description="公布时间")
    entered_by: str = ""
    finished_at: datetime | None = Field(default=None, description="全部适用工单已采用的时间")
    dry_run: bool = False


def check_edition_publisher(actor: Actor) -> None:
    """Raise a FORBIDDEN error for roles that publish nothing (§1)."""
    require_role(actor, *PUBLISHERS, what="公布规定版本")


async def list_editions(services: Services) -> list[PolicyEditionView]:
    """Return the built-in editions, then every published one. Raises RecordsUnavailable."""
    return await services.records.run(_list)


async def publish_or_preview(
    services: Services, body: EditionBody, actor: Actor, *, dry_run: bool
) -> tuple[PolicyEditionView, bool]:
    """Publish, or only compute the effects; the second value: whether it is newly published.

    Raises INVALID, CONFLICT, RecordsUnavailable.
    """
    check_edition_publisher(actor)
    wish = EditionRequest(
        request_id=body.request_id, raw=body.raw, document=body.document, actor=actor, at=now()
    )
    try:
        if dry_run:
            return await services.records.run(_preview, wish), False
        published, is_new = await services.records.run(publish_edition, wish)
    except EditionRefused as error:
        kind = ErrorKind.CONFLICT if error.conflict else ErrorKind.INVALID
        raise ServiceError(kind, str(error), rule=error.rule, instead="请改正后重新提交") from error
    except EditionRequestIdTaken as error:
        detail = f"请求编号{body.request_id}已用于另一份版本，或由他人使用"
        raise ServiceError(ErrorKind.CONFLICT, detail, rule="R7", instead="请使用新的 request_id") from error
    if is_new:
        await start_edition_update(services, published.in_force)
    views = await services.records.run(_list)
    return next(view for view in views if view.revision == published.revision), is_new


def _preview(records: Records, wish: EditionRequest) -> PolicyEditionView:
    known = published_editions(records)
    edition = validate_edition(wish.raw)
    if same := same_edition(known, wish, edition):
        return _view(records, same, known).model_copy(update={"dry_run": True})
    earlier = [item.edition for item in known]
    check_fits(edition, earlier, now=wish.at)
    shown = _edition_view(
        edition,
        changes_of(edition, earlier),
        revision=None,
        open_claims=count_running_claims(records, edition),
    )
    return shown.model_copy(update={"document": wish.document, "dry_run": True})


def _list(records: Records) -> list[PolicyEditionView]:
    known = published_editions(records)
    return [*_built_in_views(records), *(_view(records, item, known) for item in known)]


def _built_in_views(records: Records) -> Iterator[PolicyEditionView]:
    for n, edition in enumerate(built_in_editions()):
        count = count_running_claims(records, edition)
        yield _edition_view(edition, changes_of_built_in(edition, n), revision=0, open_claims=count)


def _view(records: Records, item: PublishedEdition, known: Sequence[PublishedEdition]) -> PolicyEditionView:
    earlier = [other.edition for other in known if other.revision < item.revision]
    count = count_running_claims(records, item.edition)
    changes = changes_of(item.edition, earlier)
    shown = _edition_view(item.edition, changes, revision=item.revision, open_claims=count)
    entered = {
        "document": item.document,
        "entered_at": item.entered_at,
        "entered_by": item.actor.name or item.actor.sub,
        "finished_at": item.finished_at,
    }
    return shown.model_copy(update=entered)


def _edition_view(
    edition: Edition, changes: list[ParameterChange], *, revision: int | None, open_claims: int
) -> PolicyEditionView:
    return PolicyEditionView(
        id=edition.id,
        revision=revision,
        source=edition.source,
        in_force_from=edition.in_force_from,
        in_force=edition.in_force_from <= now(),
        reaches=edition.reaches,
        reaches_name=REACH_NAMES[edition.reaches],
        changes=changes,
        open_claims=open_claims,
        note=edition.note,
    )
