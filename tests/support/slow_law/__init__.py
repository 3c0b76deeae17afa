"""Counts the law's clocks day by day, without the product's code, for comparison in generated tests."""
