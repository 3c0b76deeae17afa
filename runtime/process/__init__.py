"""What a program does for itself: garbage collection, and ending at a standstill."""
