"""November 2026 in forty claims: the table of stories and of what each adds to its units' figures."""

import csv
from pathlib import Path
from typing import Final

from tests.support.assessment.claim_stories import Play

_LINES: Final = Path(__file__).with_name("november.tsv").read_text("utf-8").splitlines()
TABLE: Final = list(csv.DictReader(_LINES, delimiter="\t"))


def stories() -> list[Play]:
    """The forty claims, as far as their stories go."""
    plays = [Play(row["no"], row["place"], row["story"]) for row in TABLE if row["story"]]
    assert len(plays) == 40
    return plays
