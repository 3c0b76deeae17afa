"""The tables. Columns are what lists select and sort by; the whole claim is in `claim.snapshot`.

For texts, "none" is the empty text. For instants, days and an intake's channel number it is null, so that
intakes without a channel number are never equal (R10).
"""

from typing import Final

from sqlalchemy import Table

from records.tables.access import RequestCountTable, TokenRevocationTable
from records.tables.archive import ArchiveHeadTable, ArchiveSweepTable
from records.tables.base import RecordTable
from records.tables.calendar import ArrangementTable
from records.tables.cases import CaseJournalTable, CaseTable
from records.tables.claim import ClaimPartyTable, ClaimTable, ClaimTextTable, JournalTable, OutcomeTable
from records.tables.editions import CityEntryTable, EditionTable
from records.tables.facts import FactTable
from records.tables.intake import IntakeTable, NumberSequenceTable
from records.tables.limits import LetterTable, LightTable, LimitTable
from records.tables.notices import DeliveryTable, NoticeTable
from records.tables.papers import AttachmentTable, DocumentNumberTable, DocumentSequenceTable
from records.tables.reads import ContactReadTable, TrackingCodeTable, TrackingTryTable
from records.tables.units import (
    NoticesSeenTable,
    SavedFilterTable,
    SignatureDraftTable,
    UnitAccountTable,
    UnitJournalTable,
)

METADATA: Final = RecordTable.metadata


def _table(of: type[RecordTable]) -> Table:
    return METADATA.tables[str(of.__tablename__)]


NUMBER_SEQUENCE: Final[Table] = _table(NumberSequenceTable)
INTAKE: Final[Table] = _table(IntakeTable)
CLAIM: Final[Table] = _table(ClaimTable)
CLAIM_TEXT: Final[Table] = _table(ClaimTextTable)
CLAIM_PARTY: Final[Table] = _table(ClaimPartyTable)
JOURNAL: Final[Table] = _table(JournalTable)
OUTCOME: Final[Table] = _table(OutcomeTable)
LIMIT: Final[Table] = _table(LimitTable)
LIGHT: Final[Table] = _table(LightTable)
UNIT_ACCOUNT: Final[Table] = _table(UnitAccountTable)
UNIT_JOURNAL: Final[Table] = _table(UnitJournalTable)
LETTER: Final[Table] = _table(LetterTable)
NOTICE: Final[Table] = _table(NoticeTable)
DELIVERY: Final[Table] = _table(DeliveryTable)
DOCUMENT_SEQUENCE: Final[Table] = _table(DocumentSequenceTable)
DOCUMENT_NUMBER: Final[Table] = _table(DocumentNumberTable)
ATTACHMENT: Final[Table] = _table(AttachmentTable)
ARRANGEMENT: Final[Table] = _table(ArrangementTable)
EDITION: Final[Table] = _table(EditionTable)
CONTACT_READ: Final[Table] = _table(ContactReadTable)
TRACKING_TRY: Final[Table] = _table(TrackingTryTable)
TRACKING_CODE: Final[Table] = _table(TrackingCodeTable)
SAVED_FILTER: Final[Table] = _table(SavedFilterTable)
NOTICES_SEEN: Final[Table] = _table(NoticesSeenTable)
SIGNATURE_DRAFT: Final[Table] = _table(SignatureDraftTable)
CITY_ENTRY: Final[Table] = _table(CityEntryTable)
ARCHIVE_HEAD: Final[Table] = _table(ArchiveHeadTable)
ARCHIVE_SWEEP: Final[Table] = _table(ArchiveSweepTable)
TOKEN_REVOCATION: Final[Table] = _table(TokenRevocationTable)
REQUEST_COUNT: Final[Table] = _table(RequestCountTable)
CASE: Final[Table] = _table(CaseTable)
CASE_JOURNAL: Final[Table] = _table(CaseJournalTable)
FACT: Final[Table] = _table(FactTable)
