"""Exclusion as a procedure (R65): a unit applies, a coordinator decides, the leadership group hears the appeal."""
