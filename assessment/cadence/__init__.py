"""The cadence (R62): from a period's end to its published edition, and what people do on the way."""
