"""The changes of a claim in compact form, as its history contains them for the records."""
