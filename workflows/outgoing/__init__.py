"""What a workflow asks of the engine and of the outside: timers, records, activities, search attributes."""
