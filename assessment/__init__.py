"""Assessment (R60-R65): facts of claims, measures, scores with their trace, ranks, editions.

Pure: no I/O but the packaged schemes, no clock, no logging. Time is an argument, a period is Beijing's.
"""
