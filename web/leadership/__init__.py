"""Desks of the leadership group: arbitration, units, assessments, briefs."""
