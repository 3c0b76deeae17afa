"""Editions of a period, and what a correction changes (R62)."""
