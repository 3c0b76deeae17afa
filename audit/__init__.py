"""Audits claims: replays, explains, verifies and packages their histories. Read-only."""
