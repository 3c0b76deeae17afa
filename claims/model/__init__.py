"""The values and vocabularies of a claim."""
