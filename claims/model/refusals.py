"""Refusals of actions, with the rule and what to do instead."""

from enum import StrEnum


class RefusalKind(StrEnum):
    """Why an action is refused; the API maps each to a status."""

    NOT_NOW = "not-now"
    WRONG_ROLE = "wrong-role"
    NOT_YOURS = "not-yours"
    INCOMPLETE = "incomplete"


class Refused(Exception):
    """An action that the rules do not allow. The claim is unchanged.

    `rule` is a rulebook id, `reason` says in Chinese what is wrong, `instead` what to do.
    """

    def __init__(
        self, rule: str, reason: str, instead: str = "", *, kind: RefusalKind = RefusalKind.NOT_NOW
    ) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.instead = instead
        self.kind = kind
