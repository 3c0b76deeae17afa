"""The demonstration: runs the 25 sample claims from start to end over HTTP, in virtual time."""
