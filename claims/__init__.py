"""PURE: what the plan says. No I/O, no clock, no logging; every instant is an argument."""
