"""A workflow's commands to Temporal: timers, records, activities, search attributes."""
