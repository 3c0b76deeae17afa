"""Assessments reach the records and the store of contents."""
