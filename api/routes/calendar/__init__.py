"""Routes of the working calendar."""
