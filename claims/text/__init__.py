"""Texts, names and phone numbers: one normalisation for all doors."""
