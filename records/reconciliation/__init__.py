"""Compares the records with the histories, and repairs them."""
