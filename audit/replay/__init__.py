"""Replays histories: states, journals, and what another law would change."""
