"""The API's Prometheus metrics. Labels are route templates, actions and statuses: no personal data."""

from collections import Counter as Count
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import nan
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from activities.archive.closed_executions import Stopped
from activities.deadlines import FIX_DEADLINES
from activities.monitoring.failing_activities import FailingActivity
from activities.monitoring.polling_workers import WorkersApart
from activities.monitoring.stalled_workflows import StalledWorkflow
from activities.monitoring.worker_builds import WorkerBuilds
from activities.records import RECORD_CHANGE
from claims.notifications import DeliveryState
from records.outbox import OutboxState
from service_layer.background.monitoring import ArchiveState

WORKFLOW_TYPES: Final = ("Claim", "Unit", "CalendarUpdate", "ArchiveSweep")
ACTIVITIES: Final = (FIX_DEADLINES, RECORD_CHANGE)
"""Label values that are exported even while they are zero; others appear once they are counted."""


class Metrics:
    """One API's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._gauges = _Gauges(self._registry)
        self.requests = Counter(
            "zaoying_api_requests",
            "Requests by method, route template and status",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "zaoying_api_request_seconds",
            "Seconds until a request was answered",
            ["method", "route"],
            registry=self._registry,
        )
        self._outcomes = Counter(
            "zaoying_api_action_outcomes",
            "Actions by what became of them: accepted, refused, pending",
            ["action", "status"],
            registry=self._registry,
        )
        self._registrations = Counter(
            "zaoying_api_registrations",
            "Registrations by channel and whether the claim was new or known",
            ["channel", "status"],
            registry=self._registry,
        )

    def count_registration(self, channel: str, *, is_new: bool) -> None:
        """Count a registration."""
        self._registrations.labels(channel, "new" if is_new else "known").inc()

    def count_action(self, action: str, status: str) -> None:
        """Count an action by its outcome."""
        self._outcomes.labels(action, status).inc()

    def observe_stopped(self, found: Stopped | None) -> None:
        """Workflows that were ended by hand; None: server or records did not answer."""
        self._gauges.stopped.labels("claim").set(len(found.claims) if found else nan)
        self._gauges.stopped.labels("unit").set(len(found.units) if found else nan)

    def observe_stalled(self, found: Sequence[StalledWorkflow] | None) -> None:
        """Workflows whose tasks keep failing; None: the server did not answer."""
        counts = Count(one.workflow_type for one in found or ())
        _set_each(self._gauges.stalled, WORKFLOW_TYPES, None if found is None else counts)

    def observe_failing(self, found: Sequence[FailingActivity] | None) -> None:
        """Activities that keep failing; None: the server did not answer."""
        counts = Count(one.activity for one in found or ())
        _set_each(self._gauges.failing, ACTIVITIES, None if found is None else counts)

    def observe_differing(self, found: WorkersApart | None) -> None:
        """How workers differ from this API; None: the server did not answer."""
        self._gauges.unserved.set(len(found.unserved) if found else nan)
        self._gauges.other_versions.set(len(found.versions) if found else nan)

    def observe_workers(self, found: WorkerBuilds | None) -> None:
        """Who takes the claims; None: the server did not answer."""
        self._gauges.unmanned.set(found.unmanned_percentage if found else nan)

    def observe_archive(self, found: ArchiveState | None) -> None:
        """The archive's state; None: records or server did not answer."""
        self._gauges.at_risk.set(found.at_risk if found else nan)
        self._gauges.archived.set(found.entries if found else nan)
        swept = found.swept_at.timestamp() if found and found.swept_at else 0.0
        self._gauges.swept_at.set(swept if found else nan)

    def observe_outbox(self, found: OutboxState | None, now: datetime) -> None:
        """The notices in the ledger; None: the records did not answer."""
        for state in DeliveryState:
            self._gauges.notices.labels(state.value).set(found.counts.get(state, 0) if found else nan)
        since = found.oldest_waiting if found else None
        waited = max(0.0, (now - since).total_seconds()) if since else 0.0
        self._gauges.oldest_notice.set(waited if found else nan)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self._registry)


def _set_each(gauge: Gauge, known: Sequence[str], counts: Mapping[str, int] | None) -> None:
    """Set a gauge for every known label and whatever else was counted; None: nothing is known."""
    gauge.clear()
    for name in {*known, *(counts or ())}:
        gauge.labels(name).set(nan if counts is None else counts.get(name, 0))


class _Gauges:
    """Gauges that are measured for every exposition."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.notices = Gauge(
            "zaoying_notices",
            "Notices in the ledger by state: waiting, sent, failed, quiet; NaN while the records do not answer",
            ["state"],
            registry=registry,
        )
        self.oldest_notice = Gauge(
            "zaoying_notices_oldest_waiting_seconds",
            "For how long the oldest notice has been waiting; 0 while none does",
            registry=registry,
        )
        self.at_risk = Gauge(
            "zaoying_archive_in_danger",
            "Closed histories that are not archived and that the server forgets within 24 h; NaN: not known",
            registry=registry,
        )
        self.archived = Gauge(
            "zaoying_archive_entries", "Histories in the archive; NaN: not known", registry=registry
        )
        self.swept_at = Gauge(
            "zaoying_archive_swept_timestamp_seconds",
            "When the archive's last sweep began (Unix time); 0: never; NaN: not known",
            registry=registry,
        )
        self.stopped = Gauge(
            "zaoying_workflows_stopped",
            "Workflows of open claims and of units that were ended by hand; NaN: not known",
            ["kind"],
            registry=registry,
        )
        self.stalled = Gauge(
            "zaoying_workflows_stalled",
            "Open workflows whose tasks keep failing, by type; NaN: not known",
            ["type"],
            registry=registry,
        )
        self.failing = Gauge(
            "zaoying_activities_failing",
            "Activities that keep failing and are retried, by activity; NaN: not known",
            ["activity"],
            registry=registry,
        )
        self.unserved = Gauge(
            "zaoying_task_queues_unserved",
            "Task queues that no running worker polls; NaN: not known",
            registry=registry,
        )
        self.other_versions = Gauge(
            "zaoying_worker_versions_differing",
            "Versions of workers without a build name that are not this API's; NaN: not known",
            registry=registry,
        )
        self.unmanned = Gauge(
            "zaoying_claims_without_worker_percent",
            "The part of the claims, in percent, that is taken by a build of which no worker polls; NaN: not known",
            registry=registry,
        )
