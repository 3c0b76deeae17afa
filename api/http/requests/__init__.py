"""Incoming requests: the caller's address, bodies and their limits, unknown fields, normalised texts."""
