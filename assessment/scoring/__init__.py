"""Figures, scores with their trace, and ranks (R60, R61)."""
