"""Auditing claims: replaying, explaining, verifying and packing their histories. Changes nothing."""
