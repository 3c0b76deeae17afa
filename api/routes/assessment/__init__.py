"""Assessments, exclusions, and what follows from them (R60-R66)."""
