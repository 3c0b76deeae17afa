"""Routes of units."""
