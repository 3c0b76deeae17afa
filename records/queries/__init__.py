"""Queries: lists, filters, pages, search and exports."""
