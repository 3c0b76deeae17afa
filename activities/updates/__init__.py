"""Sending a new calendar or edition to open claims and accounts."""
