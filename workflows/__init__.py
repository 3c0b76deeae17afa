"""Temporal workflows: the procedure, told as the plan tells it. Decisions are asked of `claims/`."""
