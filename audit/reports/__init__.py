"""Reports for auditors: timelines, explanations, packages."""
