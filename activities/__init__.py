"""The outside world, as workflows reach it: the calendar and the records."""
