"""Cases in the records: writing one, and reading periods, exclusions, clues and meetings (R62-R65)."""
