"""Tasks that run by themselves for as long as the program does."""
