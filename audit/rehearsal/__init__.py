"""Rehearsals: claims live again under another law, from the acts in their histories. Nothing is changed by it."""
