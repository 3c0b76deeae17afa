"""Searches for an enterprise's name that reveal nothing to readers who may not see it (R53, R54)."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, true

from claims.model.terms import Stage
from claims.text.normalisation import name_key
from records.tables import CLAIM

_UNDECIDED: Final = (Stage.CLOSED, Stage.REDETERMINATION, Stage.ARBITRATION)
_DIGITS: Final = re.compile(r"[0-9A-Za-z]{4}")
"""Pattern of a part of a phone number or a code."""


class NameSight(BaseModel):
    """The names that a reader may see, by the rule of `claims.need_to_know.sees_contacts_of_row`: all
    (`all`), those of claims the unit handles (`handles`), and its own; never those of complaints about a unit
    in `path`.
    """

    model_config = ConfigDict(frozen=True)

    all: bool = False
    handles: bool = False
    path: tuple[str, ...] = ()
    credit_code: str = ""
    account: str = ""


def is_named(by: NameSight) -> ColumnElement[bool]:
    """Return the condition that the reader may see the name of a row's enterprise."""
    claim = CLAIM.c
    ways: list[ColumnElement[bool]] = [true()] if by.all else []
    if by.handles:
        ways.append(claim.stage.not_in(_UNDECIDED))
    if by.credit_code:
        ways.append(claim.credit_code == by.credit_code)
    if by.account:
        ways.append(and_(claim.credit_code == "", claim.account == by.account))
    return and_(claim.complained_of.not_in(by.path), or_(*ways)) if ways else not_(true())


def reveals_nothing(words: str) -> ColumnElement[bool]:
    """Return the condition that a search text has nothing in common with a row's enterprise, contact, phone
    or code. When in doubt, the row is hidden.
    """
    if _DIGITS.search(words):
        return not_(true())
    claim, key = CLAIM.c, name_key(words)
    pieces = {key[place : place + 2] for place in range(max(1, len(key) - 1))} - {""}
    theirs = [
        column.contains(piece, autoescape=True)
        for piece in sorted(pieces)
        for column in (claim.enterprise_key, claim.contact)
    ]
    surname = and_(claim.contact != "", literal(words).contains(func.substr(claim.contact, 1, 1)))
    return not_(or_(surname, *theirs))
