"""The law to rehearse: changed policy numbers and another calendar."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from audit.problems import AuditUsageError
from audit.replay.what_if import another_policy
from calendar_rules import WorkingCalendar
from claims.editions.edition import Edition
from claims.editions.validation import EditionRefused, contradiction_in, validate_edition
from claims.model.claim_parts import WorkOrder
from claims.model.labels import label
from claims.model.policy import Policy
from claims.model.terms import Channel
from claims.text.file_problems import json_problem, os_problem


class BadLaw(AuditUsageError):
    """The edition or the number cannot be rehearsed."""


@dataclass(frozen=True, slots=True)
class Law:
    """`editions` in order; `numbers` as text, for all claims; `channel_days`: days to resolve by channel."""

    calendar: WorkingCalendar
    editions: Sequence[Edition] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    channel_days: Mapping[Channel, int] = field(default_factory=dict)

    def policy(self, given: Policy, order: WorkOrder) -> Policy:
        """Return a claim's policy under this law. Raises BadAlternative, BadLaw."""
        changes: dict[str, JsonValue] = {}
        for edition in self.editions:
            for part in edition.changes_for(order.channel, order.category):
                changes |= part
        if days := self.channel_days.get(order.channel):
            changes |= {"resolve_days": days}
        changed = Policy.model_validate({**given.model_dump(mode="json"), **changes}) if changes else given
        if self.editions and (reason := contradiction_in(changed)) and not contradiction_in(given):
            raise BadLaw(f"规定版本{self.editions[-1].id}不能用：{reason}（R7）")
        return another_policy(changed, self.numbers) if self.numbers else changed

    @property
    def text(self) -> str:
        """Return the law as text."""
        parts = [f"规定版本{edition.id}" for edition in self.editions]
        parts += [f"{name}={value}" for name, value in self.numbers.items()]
        parts += [f"{label(channel)}解决时限{days}个工作日" for channel, days in self.channel_days.items()]
        return "、".join([*parts, f"日历版本{self.calendar.version}"])


def read_edition(file: Path) -> Edition:
    """Return an edition as if published. Raises BadLaw."""
    try:
        raw = json.loads(file.read_text("utf-8"))
        if not isinstance(raw, dict):
            raise BadLaw(f"规定版本文件 {file} 不能用：应为 JSON 对象")
        return validate_edition(raw)
    except OSError as error:
        raise BadLaw(f"读不到规定版本文件 {file}：{os_problem(error)}") from error
    except EditionRefused as error:
        raise BadLaw(f"规定版本文件 {file} 不能用：{error}") from error
    except (ValueError, RecursionError) as error:
        raise BadLaw(f"规定版本文件 {file} 不能用：{json_problem(error)}") from error
