"""Incoming messages of a claim's workflow: signals, updates and starts are read, authenticated and queued."""
