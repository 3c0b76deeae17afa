"""What comes to a claim's workflow: signals, updates and starts, read, believed or not, and put in order."""
