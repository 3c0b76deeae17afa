"""Fetching histories, and checking that they are complete."""
