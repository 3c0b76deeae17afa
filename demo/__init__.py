"""The demonstration: the 25 sample claims live their whole lives over HTTP, in virtual time."""
