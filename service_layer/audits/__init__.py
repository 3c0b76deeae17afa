"""What an auditor reads of a claim, from its history (R70)."""
