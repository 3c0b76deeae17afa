"""Changing the city's data: proposed by one person, approved by another, in force from a day on."""
