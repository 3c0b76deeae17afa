"""Garbage collection, and the watchdog that ends a program at a standstill."""
