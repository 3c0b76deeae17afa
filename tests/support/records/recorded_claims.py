"""Records claims without a worker."""

from claims.model.journal import TransitionRecord
from records.claim_writer import write_step
from records.database.engine import Records
from tests.support.claims.offline_claim import Paper


def keep(records: Records, paper: Paper) -> None:
    """Record a claim as a worker would."""
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
