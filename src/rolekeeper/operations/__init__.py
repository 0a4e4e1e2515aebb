"""The operations, one function each, grouped by entity."""
