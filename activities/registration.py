"""Whether a claim was registered (R10)."""

from typing import Final

from pydantic import BaseModel, ConfigDict
from temporalio import activity

from claims.model.claim_parts import WorkOrder
from records.database.engine import Records
from records.intake import intake_of

IS_REGISTERED: Final = "is_registered"


class ClaimToStart(BaseModel):
    """The input of a workflow."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    order: WorkOrder


class RegistrationActivities:
    """Looks into the records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name=IS_REGISTERED)
    def is_registered(self, claim: ClaimToStart) -> bool:
        """Return whether this order was registered under this number."""
        line = intake_of(self._records, claim.number)
        if line is None:
            return False
        return WorkOrder.model_validate(line.payload["order"]) == claim.order
