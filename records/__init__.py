"""The records: a read model of all claims, and the book of what came in.

Temporal is the truth while a claim lives; what `writing` keeps here can be written again from it. The
book of intakes (R10) is the one thing that is first of all here. SQL lives in this folder alone.
"""
