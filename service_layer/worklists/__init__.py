"""Worklists of a person: open claims, the most urgent first."""
