"""A second implementation of the facts, slow and simple: reads only a claim's journal, never its limits, and
shares nothing with `assessment/`. Its results are rows `(unit, measure, day, n, of)`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from calendar_rules import SHANGHAI, due_at
from calendar_rules.loader import load_calendar
from claims.model.events import EventKind as E
from claims.model.journal import Entry
from tests.support.claims.people import ORGANISATION

Row = tuple[str, str, date, int, int]
Reported = Sequence[tuple[str, datetime]]
MET_BY = {"contact": E.CONTACTED, "reply": E.REPLIED, "resolve": E.FED_BACK}
MEASURE = {"contact": "contact", "reply": "reply", "resolve": "completion"}


def day_of(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


@dataclass
class Clock:
    """One limit of one dispatch, as found in the journal."""

    kind: str
    n: int
    due: datetime | None = None
    last_day: date | None = None
    state: str = "running"
    paused: bool = False
    done_at: datetime | None = None

    def pass_to(self, at: datetime) -> None:
        if self.state == "running" and not self.paused and self.due is not None and self.due <= at:
            self.state = "missed"

    def read(self, entry: Entry) -> None:
        self.pass_to(entry.at)
        if entry.kind is E.CLOSED and self.state == "running":
            self.state = "fallen away"
        fixed = entry.data.get(f"{self.n}/0/{self.kind}") if entry.kind is E.LIMITS_FIXED else None
        if isinstance(fixed, dict):
            self.due = datetime.fromisoformat(str(fixed["due_at"]))
            self.last_day = date.fromisoformat(str(fixed["last_day"]))
        if entry.kind is E.RETURNED and self.state == "running":
            self.paused = True
        if entry.kind is E.RETURN_CONFIRMED and self.paused:
            self.paused, self.due = False, None
        if self.kind == "resolve":
            self._read_extension(entry)
        if entry.kind is MET_BY[self.kind] and self.state == "running" and not entry.data.get("round"):
            self.state, self.done_at, self.paused = "met", entry.at, False

    def _read_extension(self, entry: Entry) -> None:
        if entry.kind is E.EXTENSION_REQUESTED and self.state == "running":
            self.paused = True
        if entry.kind in (E.EXTENSION_APPROVED, E.EXTENSION_REFUSED) and self.paused:
            self.paused, self.due = False, None
        if entry.kind is E.SENT_BACK and self.state == "met" and "R18" in entry.rules:
            self.state, self.due, self.done_at = "running", None, None


@dataclass
class Spell:
    """The journal from one delivery to the next."""

    n: int
    unit: str
    origin: str
    at: datetime
    co_units: list[str]
    entries: list[Entry] = field(default_factory=list)
    next: "Spell | None" = None

    def first(self, kind: E) -> Entry | None:
        return next((entry for entry in self.entries if entry.kind is kind), None)


def accountable(unit: str) -> str:
    return ORGANISATION.accountable(unit).id


def spells_of(entries: Sequence[Entry]) -> list[Spell]:
    spells: list[Spell] = []
    for entry in entries:
        if entry.kind is E.DISPATCHED:
            helpers = entry.data["co_units"]
            assert isinstance(helpers, list)
            unit, origin = str(entry.data["unit"]), str(entry.data["origin"])
            spell = Spell(len(spells) + 1, unit, origin, entry.at, [str(each) for each in helpers])
            if spells:
                spells[-1].next = spell
            spells.append(spell)
        elif spells:
            spells[-1].entries.append(entry)
    return spells


def rows_of(entries: Sequence[Entry], until: datetime, reported: Reported) -> list[Row]:
    """Return all rows that count, sorted. `reported`: when each co-unit of the first dispatch reported."""
    spells, end = spells_of(entries), ending(entries)
    rows = [row for spell in spells for row in of_spell(spell, end, until)]
    if spells and len(spells) == 1 and reason_of(end) != "merged":
        rows += of_co_units(spells[0], end, until, reported)
    rows += of_lights(entries)
    rows += of_criticisms(entries)
    if spells and end is not None:
        rows += of_results(spells[-1], end, entries)
    return sorted(rows)


def ending(entries: Sequence[Entry]) -> Entry | None:
    end = None
    for entry in entries:
        if entry.kind is E.CLOSED:
            end = entry
        elif entry.kind is E.REOPENED:
            end = None
    return end


def reason_of(end: Entry | None) -> str:
    return str(end.data["reason"]) if end else ""


def of_spell(spell: Spell, end: Entry | None, until: datetime) -> Iterator[Row]:
    unit, merged = accountable(spell.unit), reason_of(end) == "merged"
    yield from of_returns(spell, unit, end)
    if spell.next is not None or merged:
        return
    false = spell.first(E.FALSE_FEEDBACK_CONFIRMED) is not None
    for kind in MET_BY:
        clock = Clock(kind, spell.n)
        for entry in spell.entries:
            clock.read(entry)
        if end is None:
            clock.pass_to(until)
        if clock.state not in ("met", "missed") or clock.last_day is None:
            continue
        good = clock.state == "met" and not (kind == "contact" and false)
        yield unit, MEASURE[kind], clock.last_day, int(good), 1
        if kind == "resolve":
            same = clock.done_at is not None and day_of(clock.done_at) == day_of(spell.at)
            yield unit, "same-day", clock.last_day, int(same), 1
        if kind == "contact" and clock.due is not None:
            signed = spell.first(E.SIGNED_FOR)
            if signed is not None or clock.due <= until:
                in_time = signed is not None and signed.at < clock.due
                yield unit, "signed-for", clock.last_day, int(in_time), 1
    approved = spell.first(E.EXTENSION_APPROVED)
    if approved is not None:
        yield unit, "extensions", day_of(approved.at), 1, 0


def of_returns(spell: Spell, unit: str, end: Entry | None) -> Iterator[Row]:
    returned, confirmed = spell.first(E.RETURNED), spell.first(E.RETURN_CONFIRMED)
    if returned is not None and spell.next is not None:
        yield unit, "returns-refused", day_of(spell.next.at), 0, 1
    elif confirmed is not None:
        yield unit, "returns-refused", day_of(confirmed.at), 1, 1
    settled = spell.first(E.WINDOW_CLOSED) or spell.first(E.FED_BACK)
    if spell.origin == "arbitration" or not (returned or settled):
        return
    last_day = next(
        date.fromisoformat(str(fixed["last_day"]))
        for entry in spell.entries
        if isinstance(fixed := entry.data.get(f"{spell.n}/0/return-window"), dict)
    )
    yield unit, "returns", last_day, int(returned is not None), 1
    if spell.n == 1 and (spell.next is not None or confirmed is not None or returned is None):
        yield unit, "first-dispatch", last_day, int(spell.next is None), 1


def of_results(spell: Spell, end: Entry, entries: Sequence[Entry]) -> Iterator[Row]:
    unit, day, reason = accountable(spell.unit), day_of(end.at), reason_of(end)
    said = [entry.data for entry in entries if entry.kind is E.CALLED_BACK][-1:]
    evaluated = reason in ("satisfied", "verified") and bool(said)
    if spell.first(E.FALSE_FEEDBACK_CONFIRMED) is not None:
        yield unit, "satisfied", day, 0, 1
        yield unit, "satisfied-with-verified", day, 0, 1
    elif evaluated:
        happy = int(str(said[0]["grade"]) in ("very-satisfied", "satisfied", "fairly-satisfied"))
        yield unit, "satisfied-with-verified", day, happy, 1
        if reason == "satisfied":
            yield unit, "satisfied", day, happy, 1
    if evaluated:
        yield unit, "redo", day, int(spell.first(E.REDO_ORDERED) is not None), 1
        if said[0]["resolved"] is not None:
            yield unit, "resolved", day, int(bool(said[0]["resolved"])), 1


def of_co_units(spell: Spell, end: Entry | None, until: datetime, reported: Reported) -> Iterator[Row]:
    clock = Clock("resolve", spell.n)
    for entry in spell.entries:
        clock.read(entry)
    if clock.last_day is None:
        return
    last_day = load_calendar().working_days_before(clock.last_day, 2)
    due = due_at(last_day)
    for unit in spell.co_units if due <= until else ():
        late = not any(who == unit and at < due for who, at in reported)
        if not late or end is None or end.at >= due:
            yield accountable(unit), "co-unit-late", last_day, int(late), 1


def of_lights(entries: Sequence[Entry]) -> Iterator[Row]:
    revoked = {str(entry.data["light"]) for entry in entries if entry.kind is E.LIGHT_REVOKED}
    for entry in entries:
        if entry.kind is E.LIGHT_GIVEN and entry.data["light"] not in revoked:
            yield str(entry.data["unit"]), str(entry.data["colour"]), day_of(entry.at), 1, 0


def of_criticisms(entries: Sequence[Entry]) -> Iterator[Row]:
    for entry in entries:
        if entry.kind is E.CRITICISED:
            unit, day = str(entry.data["unit"]), day_of(entry.at)
            yield unit, "criticisms", day, 1, 0
            yield unit, "orders-missed" if "R45" in entry.rules else "false-feedback", day, 1, 0


def late_platform_days(entries: Sequence[Entry]) -> list[date]:
    """Return the last days of the platform's own missed limits."""
    late = (entry for entry in entries if entry.kind is E.PLATFORM_DELAYED)
    return sorted(day_of(entry.at - timedelta(microseconds=1)) for entry in late)
