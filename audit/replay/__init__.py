"""Histories replayed: states, journals, and what another law would have changed."""
