"""Where histories come from, and whether they are whole."""
