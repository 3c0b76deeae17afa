"""What an auditor asks of a claim, years later: replayed, told, checked and packed. Changes nothing."""
