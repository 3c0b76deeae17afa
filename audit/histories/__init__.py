"""Fetches histories and checks that they are complete."""
