"""Reproduces published editions from histories (R62)."""
