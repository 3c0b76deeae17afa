"""Rehearsals: replays claims under another law, with the actions of their histories. Read-only."""
