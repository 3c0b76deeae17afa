"""The assessment of units as callers may read it (R60-R62)."""
