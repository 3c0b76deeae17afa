"""The joint meeting (R63, §二.一.1): its agenda, its decisions, and their outcomes."""
