"""What people upload: its type, what it hides, its pages and its seals."""
