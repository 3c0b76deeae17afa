"""Rehearsals: claims are played again under another law, with the acts of their histories. Nothing is changed."""
