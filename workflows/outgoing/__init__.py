"""What a workflow schedules with Temporal: timers, records, activities, search attributes."""
