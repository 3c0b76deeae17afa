"""Which build of the workers takes the claims."""
