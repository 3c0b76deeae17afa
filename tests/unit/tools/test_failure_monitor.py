"""Which workflows a worker reports because an activity in them keeps failing."""

from dataclasses import replace

import pytest
from temporalio.activity import Info
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.monitoring.failing_activities import FAILING_AFTER, MOST_NAMED
from activities.monitoring.failure_monitor import FORGET_SECONDS, FailureMonitor


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def attempt(number: int, workflow_id: str = "claim-1", activity_id: str = "1") -> Info:
    return replace(
        ActivityEnvironment.default_info(), attempt=number, workflow_id=workflow_id, activity_id=activity_id
    )


def failed(monitor: FailureMonitor, info: Info) -> None:
    environment = ActivityEnvironment()
    environment.info = info
    environment.run(lambda: monitor.failed(info, ValueError()))


def test_one_failure_names_nothing() -> None:
    monitor = FailureMonitor()
    monitor.started(attempt(1))
    failed(monitor, attempt(1))
    assert not monitor.workflows


def test_an_activity_that_fails_again_names_its_workflow_until_it_succeeds() -> None:
    monitor = FailureMonitor()
    failed(monitor, attempt(FAILING_AFTER - 1))
    assert monitor.workflows == ("claim-1",)
    monitor.succeeded(attempt(FAILING_AFTER))
    assert not monitor.workflows


def test_attempts_that_were_lost_with_other_workers_count_as_failed() -> None:
    monitor = FailureMonitor()
    monitor.started(attempt(FAILING_AFTER))
    assert monitor.workflows == ("claim-1",)


def test_a_workflow_is_named_while_any_of_its_activities_fails() -> None:
    monitor = FailureMonitor()
    for activity_id in ("1", "2"):
        monitor.started(attempt(FAILING_AFTER, activity_id=activity_id))
    monitor.succeeded(attempt(FAILING_AFTER, activity_id="1"))
    assert monitor.workflows == ("claim-1",)


def test_an_activity_that_another_worker_has_taken_on_is_forgotten() -> None:
    clock = Clock()
    monitor = FailureMonitor(clock)
    monitor.started(attempt(FAILING_AFTER))
    clock.now += FORGET_SECONDS
    assert monitor.workflows == ("claim-1",)
    clock.now += 1
    assert not monitor.workflows


def test_no_more_workflows_are_named_than_anybody_looks_at() -> None:
    monitor = FailureMonitor()
    for n in range(MOST_NAMED + 1):
        monitor.started(attempt(FAILING_AFTER, f"claim-{n}"))
    assert monitor.workflows == tuple(f"claim-{n}" for n in range(MOST_NAMED))


class Refusing(ActivityInboundInterceptor):
    """An activity that fails with a given error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        raise self._error


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (ValueError(), ("claim-1",)),
        (ApplicationError("broken"), ("claim-1",)),
        (ApplicationError("busy", category=ApplicationErrorCategory.BENIGN), ()),
    ],
)
async def test_what_only_comes_later_is_not_named(error: Exception, named: tuple[str, ...]) -> None:
    monitor = FailureMonitor()
    environment = ActivityEnvironment()
    environment.info = attempt(FAILING_AFTER)
    call = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
    with pytest.raises(type(error)):
        await environment.run(monitor.intercept_activity(Refusing(error)).execute_activity, call)
    assert monitor.workflows == named
