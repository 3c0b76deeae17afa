"""Schemes (R61): dated data that says what a figure is worth. Each file names its source."""

from assessment.schemes.loader import load_schemes, read_scheme, scheme_for
from assessment.schemes.model import Band, Composition, Scheme

__all__ = ["Band", "Composition", "Scheme", "load_schemes", "read_scheme", "scheme_for"]
