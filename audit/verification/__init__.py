"""Verifying that histories, records and papers agree."""
