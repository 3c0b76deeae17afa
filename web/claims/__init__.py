"""The page of a claim: what it shows, and the forms of everything that can be done to it."""
