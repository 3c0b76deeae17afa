"""Facts: what each claim adds to the measures of its units, or why it does not (R60, R65)."""
