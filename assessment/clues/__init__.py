"""Clues of secret visits (R64): read by inspectors alone."""
