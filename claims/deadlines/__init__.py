"""Limits scheduled, expired, recalculated, and open claims without one."""
