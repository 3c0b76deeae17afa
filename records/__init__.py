"""The records: a read model of all claims, and the intake. Temporal is the source of truth while a claim is open;
what `claim_writer` keeps here can be rebuilt from it. The book of intakes (R10) is the one thing that is first of all
here. SQL lives in this folder alone.
"""
