"""The desks of staff: each is a list of what waits there."""
