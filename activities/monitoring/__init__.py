"""Monitoring of failing activities and stalled workflows."""
