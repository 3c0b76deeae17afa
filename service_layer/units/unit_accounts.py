"""Reading a unit's account: from its workflow, else from the records (R34-R37)."""

from claims.model.unit_account import UnitAccount
from records.accounts import unit_account
from service_layer.polling import poll
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from workflows.unit_messages import UnitSnapshot


async def unit_state(services: Services, unit: str, request_id: str = "") -> UnitSnapshot | None:
    """Return the account and a request's outcome from the workflow; None where it does not answer, or there
    is none.
    """
    try:
        return await services.temporal.unit_state(unit, request_id)
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None


async def unit_state_with_outcome(services: Services, unit: str, request_id: str) -> UnitSnapshot | None:
    """Return the same, once the request's outcome is known, or as it is when time is up."""
    return await poll(
        lambda left: services.temporal.unit_state(unit, request_id, within=left),
        lambda state: state.outcome is not None,
        within=services.settings.action_timeout,
    )


async def account_of(services: Services, unit: str) -> UnitAccount | None:
    """Return the account as it is now, else as the records have it; None for a unit without one."""
    state = await unit_state(services, unit)
    return state.account if state is not None else await services.records.run(unit_account, unit)
