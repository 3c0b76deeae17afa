"""Lights revoked after their claim had closed, which only the unit's account records (R37)."""

from collections.abc import Iterable, Sequence

from temporalio.converter import DataConverter

from activities.workflow_ids import unit_workflow_id
from audit.histories.sources import Sources
from audit.problems import AuditProblem
from audit.replay.replayed_run import ReplayedRun, State
from audit.replay.replayer import replay_run
from claims.actions.revocation import revoke_after_end
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.unit_account import AccountLight, UnitAccount


def revoked_lights(account: UnitAccount) -> list[AccountLight]:
    """Return the revoked lights of an account."""
    return [light for light in account.lights.values() if light.revoked]


def with_later_revocations(
    claim: Claim, journal: Sequence[Entry], revoked: Iterable[AccountLight]
) -> tuple[Claim, list[Entry]]:
    """Return the claim and its journal including dated revocations from after its closing (R37)."""
    lines = [*journal]
    if not claim.over:
        return claim, lines
    dated = [(light.revocation, light) for light in revoked if light.revocation is not None]
    for word, light in sorted(dated, key=lambda item: (item[0].at, item[1].id)):
        told = LightRevoked(
            number=claim.number, light=light.id, reason=word.reason, actor=word.actor, at=word.at
        )
        step = revoke_after_end(claim, told, word.at)
        claim, lines = step.claim, lines + step.entries
    return claim, lines


async def add_later_revocations(
    replayed: ReplayedRun, sources: Sources, data_converter: DataConverter
) -> list[str]:
    """Add revocations by units' accounts to a closed claim's replayed run. Return the names of units whose
    account's history is unavailable.
    """
    claim = replayed.claim
    if claim is None or not claim.over:
        return []
    missing: list[str] = []
    lights: list[AccountLight] = []
    for unit, name in sorted({(light.unit, light.unit_name) for light in claim.lights if not light.revoked}):
        account = await _account(unit, name, sources, data_converter)
        if account is None:
            missing.append(name)
        else:
            lights += revoked_lights(account)
    before = len(replayed.journal)
    replayed.claim, journal = with_later_revocations(claim, replayed.journal, lights)
    replayed.written += journal[before:]
    end = replayed.states[-1].at if replayed.states else replayed.run.last_event_at
    replayed.states += [State(max(entry.at, end), replayed.claim) for entry in journal[before:]]
    return missing


def account_unavailable(unit: str) -> str:
    """Return a message that a unit's account is unavailable."""
    return f"没有{unit}台账的历史，办结后是否撤销过该单位的亮牌未核（R37）"


async def _account(
    unit: str, name: str, sources: Sources, data_converter: DataConverter
) -> UnitAccount | None:
    try:
        found = await sources.workflow(unit_workflow_id(unit), f"{name}的台账")
        return (await replay_run(found.history, data_converter)).account
    except AuditProblem:
        return None
