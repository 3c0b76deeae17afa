"""Closed histories swept into the archive."""
