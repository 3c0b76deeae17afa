"""Bulletins (R62): an edition as an official Word paper, a workbook and a page. The same edition, the same bytes."""
