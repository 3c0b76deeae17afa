"""Cases: writing them, and reading periods, exclusions, clues and meetings (R62-R65)."""
