"""Enterprises by code, account and compared name; who takes part now; channels' numbers in one form.

Revision ID: records_0008
"""

import json
import unicodedata
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0008"
down_revision: Final = "records_0007"

ADDED: Final = ("enterprise_key", "credit_code", "account", "complained_of", "contact", "phone")
INDEXED: Final = ("enterprise_key", "credit_code", "account")
AT_ONCE: Final = 1000
BRACKETS: Final = str.maketrans("[{〔【〖〈《「『﹙﹝]}〕】〗〉》」』﹚﹞", "(" * 11 + ")" * 11)
QUOTES: Final = dict.fromkeys(map(ord, "“”„‟‘’‚‛\"'`´"), "")
DOTS: Final = dict.fromkeys(map(ord, "•‧・∙⋅･"), "·")
DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

SELECTORS: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


def upgrade() -> None:
    """Add the columns and fill them from what each claim's row and opening say."""
    op.create_table(
        "tracking_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracking_try"),
    )
    op.create_index("ix_tracking_try_number_at", "tracking_try", ["number", "at"])
    for name in ADDED:
        op.add_column("claim", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column(
        "claim_party", sa.Column("current", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM claim_text")
        op.execute("INSERT INTO claim_grams (claim_grams) VALUES ('delete-all')")
    for claims in _pages("SELECT number, enterprise, matter, snapshot FROM claim"):
        for number, enterprise, matter, snapshot in claims:
            _fill(number, enterprise, json.loads(snapshot))
            _index(number, enterprise, matter)
    for lines in _pages("SELECT number, channel, external_id FROM intake"):
        for number, channel, external_id in lines:
            _normalise(number, channel, external_id)
    op.drop_index("ix_claim_enterprise", "claim")
    for name in INDEXED:
        op.create_index(f"ix_claim_{name}", "claim", [name])
    op.create_index("ix_claim_party_unit_current_number", "claim_party", ["unit", "current", "number"])


def downgrade() -> None:
    """Without the columns. The numbers of channels stay as they are now."""
    op.drop_table("tracking_try")
    op.drop_index("ix_claim_party_unit_current_number", "claim_party")
    for name in INDEXED:
        op.drop_index(f"ix_claim_{name}", "claim")
    op.create_index("ix_claim_enterprise", "claim", ["enterprise"])
    op.drop_column("claim_party", "current")
    for name in ADDED:
        op.drop_column("claim", name)


def _pages(found: str) -> Iterator[list[tuple[str, ...]]]:
    """Rows in the order of their numbers, some at a time."""
    last, page = "", sa.text(f"{found} WHERE number > :last ORDER BY number LIMIT {AT_ONCE}")
    while rows := [tuple(row) for row in op.get_bind().execute(page, {"last": last})]:
        yield rows
        last = str(rows[-1][0])


def _fill(number: str, enterprise: str, claim: dict[str, object]) -> None:
    """A claim that an enterprise registered for itself belongs to the account that did."""
    found = claim.get("order")
    order = found if isinstance(found, dict) else {}
    account = str(order.get("account") or _account(number))
    about = order.get("complained_of")
    row = {
        "enterprise_key": _key(enterprise),
        "credit_code": str(order.get("credit_code") or ""),
        "account": account,
        "complained_of": str(about["id"]) if isinstance(about, dict) else "",
        "contact": str(order.get("contact", "")),
        "phone": str(order.get("phone", "")),
    }
    if account and not order.get("account"):
        changed = {**claim, "order": {**order, "account": account}}
        row["snapshot"] = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
    columns = ", ".join(f"{name} = :{name}" for name in row)
    put = sa.text(f"UPDATE claim SET {columns} WHERE number = :number")
    op.get_bind().execute(put, {**row, "number": number})
    known = _parties(number)
    for unit in _current(claim):
        _mark(number, unit, is_known=unit in known)


def _account(number: str) -> str:
    line = op.get_bind().execute(
        sa.text("SELECT payload FROM intake WHERE number = :number"), {"number": number}
    )
    payload = line.scalar()
    opening = json.loads(payload) if isinstance(payload, str) else payload
    actor = opening.get("actor") if isinstance(opening, dict) else None
    if not isinstance(actor, dict) or actor.get("roles") != ["enterprise"]:
        return ""
    sub = str(actor.get("sub", ""))
    return sub if sub != "enterprise" else ""


def _parties(number: str) -> set[str]:
    found = sa.text("SELECT unit FROM claim_party WHERE number = :number")
    return set(op.get_bind().scalars(found, {"number": number}))


def _current(claim: dict[str, object]) -> list[str]:
    """The units of the current dispatch, and those above them."""
    dispatches = claim.get("dispatches")
    if not isinstance(dispatches, list) or not dispatches:
        return []
    last = dispatches[-1]
    parts = [part["unit"] for part in last.get("co_units", ())]
    units = [last["unit"], *filter(None, [last.get("delegate")]), *parts]
    return sorted({above for unit in units for above in unit["path"]})


def _mark(number: str, unit: str, *, is_known: bool) -> None:
    put = (
        "UPDATE claim_party SET current = :yes WHERE number = :number AND unit = :unit"
        if is_known
        else "INSERT INTO claim_party (number, unit, leads, current) VALUES (:number, :unit, :no, :yes)"
    )
    values = {"number": number, "unit": unit, "yes": True, "no": False}
    op.get_bind().execute(sa.text(put), {name: values[name] for name in values if f":{name}" in put})


def _index(number: str, enterprise: str, matter: str) -> None:
    """Index a claim anew, by the name as it is compared too."""
    connection = op.get_bind()
    grams = _grams(enterprise, _key(enterprise), matter)
    if connection.dialect.name != "sqlite":
        put = sa.text("UPDATE claim_text SET grams = :grams WHERE number = :number")
        connection.execute(put, {"number": number, "grams": grams})
        return
    put = sa.text("INSERT INTO claim_text (number) VALUES (:number) RETURNING id")
    id = connection.scalar(put, {"number": number})
    coded = " ".join("".join(f"{ord(character):06x}" for character in gram) for gram in grams)
    write = sa.text("INSERT INTO claim_grams (rowid, grams) VALUES (:id, :grams)")
    connection.execute(write, {"id": id, "grams": coded})


def _normalise(number: str, channel: str, external_id: str | None) -> None:
    """A number that two claims would share then stays as it was."""
    if not external_id or (known := _identifier(external_id)) == external_id or not known:
        return
    connection = op.get_bind()
    same = sa.text("SELECT number FROM intake WHERE channel = :channel AND external_id = :id")
    if connection.scalar(same, {"channel": channel, "id": known}) is None:
        put = sa.text("UPDATE intake SET external_id = :id WHERE number = :number")
        connection.execute(put, {"id": known, "number": number})


def _key(name: str) -> str:
    """As `claims.text.normalisation.name_key` when this was written."""
    plain = _half_width(name).translate(BRACKETS).translate(QUOTES).translate(DOTS)
    return "".join(plain.split()).casefold()


def _identifier(text: str) -> str:
    return "".join(_half_width(text).split())


def _half_width(text: str) -> str:
    return _seen(unicodedata.normalize("NFKC", _seen(text))).translate(DASHES)


def _seen(text: str) -> str:
    return "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char not in BLANKS
        and not any(first <= ord(char) <= last for first, last in SELECTORS)
        and (char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    )


def _grams(*texts: str) -> list[str]:
    """As `records.queries.search` did when this was written."""
    words = [word for one in texts for word in _folded(one).split()]
    return sorted(
        {word[place : place + length] for word in words for place in range(len(word)) for length in (1, 2)}
    )


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not "\u0300" <= char <= "\u036f").lower()
