"""Bulletins (R62): an edition as an official Word paper, a workbook and a page. Output is deterministic."""
