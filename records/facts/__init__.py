"""Facts on record (R60): written with the claim that gives them, grouped into a month's figures."""
