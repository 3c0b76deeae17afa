"""What auditors read: timelines, explanations, packages."""
