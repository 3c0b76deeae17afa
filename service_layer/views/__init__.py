"""What a caller may see: view models, and how they are made from the domain's."""
