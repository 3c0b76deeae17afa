"""November 2026 in forty claims: the table of stories and their contributions to units' figures."""

import csv
from pathlib import Path
from typing import Final

from tests.support.assessment.claim_stories import Play

_LINES: Final = Path(__file__).with_name("november.tsv").read_text("utf-8").splitlines()
TABLE: Final = list(csv.DictReader(_LINES, delimiter="\t"))


def stories() -> list[Play]:
    """Return the forty claims, played."""
    plays = [Play(row["no"], row["place"], row["story"]) for row in TABLE if row["story"]]
    assert len(plays) == 40
    return plays
