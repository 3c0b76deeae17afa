"""A new calendar or edition brought to open claims and accounts."""
