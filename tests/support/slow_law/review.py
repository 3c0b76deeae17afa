"""A second, slow implementation of a claim's evaluation and closing (R42-R45, R52), written from the rulebook
alone.

It reads what people said and computes what must follow; a journal that differs is wrong.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from claims.model.events import EventKind as E
from claims.model.journal import Entry

SATISFIED: Final = ("very-satisfied", "satisfied", "fairly-satisfied")
MOST_ORDERS: Final = 2
"""R45: the leadership group follows, regardless of who gave the orders."""
NOT_COMPLIANT: Final = (E.COMPLETION_ORDERED, E.REFERRED_TO_LEADERSHIP, E.LEADERSHIP_DECIDED)
"""The platform or the group was not satisfied, whatever follows."""

Followed = tuple[str, datetime]
"""What followed, from what, and when."""


@dataclass
class SlowReview:
    """Reads a claim's journal entry by entry."""

    followed: list[Followed] = field(default_factory=list)
    is_disputed: bool = False
    is_disproved: bool = False
    is_solved: bool | None = None
    """The enterprise's last answer; satisfaction does not change it (R42)."""
    ending: str = ""
    _reported: bool = False
    _dissatisfied: int = 0
    _orders: int = 0
    _before_leadership: bool = False

    def hear(self, entry: Entry) -> None:
        """Process an action or the end of a limit."""
        match entry.kind:
            case E.DISPATCHED:
                self._reported = False
            case E.CONTACTED:
                self._reported = True
            case E.CALLED_BACK:
                self._evaluated(entry)
            case E.FALSE_FEEDBACK_CONFIRMED:
                self._confirmed(entry.at)
            case E.VERIFIED if "R44" in entry.rules:
                self._ends("verified", entry.at)
            case kind if kind in NOT_COMPLIANT:
                self._not_compliant(entry.at)
            case _:
                pass

    def _evaluated(self, entry: Entry) -> None:
        """R42: both questions must be answered; satisfied closes, whether solved or not. R43, R44:
        dissatisfied first goes back to the unit, then to the review form.
        """
        said = entry.data
        assert said["resolved"] is not None, "R42: counted without an answer"
        assert said["contacted"] is not None, "R42: counted without an answer"
        self.is_solved = bool(said["resolved"])
        self.is_disputed |= said["contacted"] is False and self._reported
        if said["grade"] in SATISFIED:
            self._ends("satisfied", entry.at)
            return
        self._dissatisfied += 1
        self.followed.append(("redo" if self._dissatisfied == 1 else "form", entry.at))

    def _confirmed(self, at: datetime) -> None:
        """R52: confirm a false feedback once, only for what the enterprise denies; a claim closed as
        satisfied does not count.
        """
        assert self.is_disputed, "R52: confirmed, though nobody denied it"
        assert not self.is_disproved, "R52: confirmed twice"
        self.is_disproved = True
        self.followed += [("criticism", at), ("file", at)]
        if self.ending == "satisfied":
            self.ending = "false-feedback"

    def _not_compliant(self, at: datetime) -> None:
        if self._orders < MOST_ORDERS:
            self._orders += 1
            self.followed.append(("order", at))
        elif not self._before_leadership:
            self._before_leadership = True
            self.followed += [("leadership", at), ("leadership told", at)]
        else:
            self.followed.append(("decision", at))
            self._ends("decided", at)

    def _ends(self, how: str, at: datetime) -> None:
        assert not self.ending, "it ends twice"
        self.ending = "false-feedback" if how == "satisfied" and self.is_disproved else how
        self.followed.append(("end", at))
