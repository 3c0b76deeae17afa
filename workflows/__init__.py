"""Temporal workflows: the procedure in the plan's order. Decisions are made in `claims/`."""
