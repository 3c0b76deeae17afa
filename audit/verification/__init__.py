"""Verifies that histories, records and papers agree."""
