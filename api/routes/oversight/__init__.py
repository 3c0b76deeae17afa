"""Routes for those who check: audit, ledgers, exports."""
