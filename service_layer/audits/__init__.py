"""An auditor's view of a claim, from its history (R70)."""
