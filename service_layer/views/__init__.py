"""View models, and making them from the domain's models for one caller."""
