"""Checks of uploaded files: type, active content, metadata, scanned pages and seals."""
