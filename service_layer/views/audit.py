"""View models of audits."""

from datetime import datetime

from pydantic import BaseModel, Field

from archive.entries import ArchiveEntry
from audit.histories.sources import Origin
from audit.reports.timeline import Line
from audit.verification.verify import Finding
from service_layer.views.claim import ClaimView


class AuditView(BaseModel):
    """A claim as it was at an instant, and the history that shows it."""

    number: str
    at: datetime
    since: datetime = Field(description="此后直到 at 没有变化")
    note: str = Field(description="须注意之处；如 at 晚于流程结束")
    origin: Origin = Field(description="历史来自 server 服务器、archive 归档")
    events: int = Field(description="历史的事件数")
    run_id: str
    started_at: datetime
    last_event_at: datetime
    ended: str = Field(description="流程如何结束；空为尚未结束")
    archived: ArchiveEntry | None = Field(description="归档清单中的条目")
    claim: ClaimView


class TimelineView(BaseModel):
    """Every line in order."""

    number: str
    lines: list[Line]


class VerifiedView(BaseModel):
    """The findings; `ok` if there are none."""

    number: str
    ok: bool
    findings: list[Finding]
