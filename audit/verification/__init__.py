"""Whether histories, records and papers agree."""
