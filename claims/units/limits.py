"""Maximums of a unit's account, so that it can always continue (R33, R46)."""

from typing import Final

from pydantic import BaseModel

from claims.model.labels import label
from claims.model.refusals import RefusalKind, Refused
from claims.model.unit_account import AccountLight, Measure, MeasureStatus, UnitAccount

MOST_LIGHTS: Final = 600
"""Lights that an account holds. Of more, the oldest that bring nothing any more stay in the records alone."""
MOST_CAUSES: Final = 200
MOST_STEPS: Final = 50
"""Records on one measure, besides the one that closes it."""
_MONTHS: Final = 13
_DAYS: Final = 31 * _MONTHS


def require_room_for_light(account: UnitAccount, light: AccountLight) -> None:
    """If the account is full, remove the oldest light without further effect. Raises Refused if there is none."""
    if len(account.lights) < MOST_LIGHTS:
        return
    held = {
        one for measure in account.measures if measure.status is MeasureStatus.OPEN for one in measure.lights
    }
    oldest = min(account.lights.values(), key=lambda one: one.at)
    if oldest.id in held or (light.at - oldest.at).days < _DAYS:
        raise Refused("R33", f"本台账已有{MOST_LIGHTS}块亮牌", "请系统管理员核对亮牌的来源")
    del account.lights[oldest.id]
    account.measures = [measure for measure in account.measures if oldest.id not in measure.lights]


def require_room_for_cause(account: UnitAccount) -> None:
    """Raises Refused where the account has as many causes as it holds."""
    if len(account.causes) >= MOST_CAUSES:
        raise Refused("R36", f"本台账已有{MOST_CAUSES}项问责事由", "请系统管理员核对事由的来源")


def require_room_for_step(measure: Measure, *, closes: bool) -> None:
    """Raises Refused where a measure has as many records as it holds, unless this one closes it."""
    if not closes and len(measure.notes) >= MOST_STEPS:
        reason = f"这项{label(measure.kind)}已登记{MOST_STEPS}次"
        raise Refused("R36", reason, "请登记处理结果并就此办结")


def count_accepted(account: UnitAccount, body: BaseModel) -> None:
    """Count an action. Raises Refused for a long one once the account holds as much as the policy allows."""
    policy, size = account.policy, len(body.model_dump_json().encode("utf-8", "surrogatepass"))
    most = policy.claim_bytes // 2
    if most and account.accepted_bytes >= most and size > policy.short_body_bytes:
        reason = (
            f"本台账的内容已达{most // 1000}千字节，每次提交不得超过{policy.short_body_bytes // 1000}千字节"
        )
        raise Refused("R46", reason, "请缩短内容；材料可作为附件上传", kind=RefusalKind.INCOMPLETE)
    account.accepted_bytes += size


def is_recorded(account: UnitAccount) -> bool:
    """Count a refusal; whether the journal tells of it."""
    account.refusals += 1
    most = account.policy.refusals_recorded
    return not most or account.refusals <= most
