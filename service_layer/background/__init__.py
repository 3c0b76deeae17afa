"""Background tasks that run as long as the program."""
