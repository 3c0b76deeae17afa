"""What people keep for themselves and for each other; no act of a claim."""
