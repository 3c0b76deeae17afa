"""What a claim writes into its history for the records: what has changed, in few words."""
