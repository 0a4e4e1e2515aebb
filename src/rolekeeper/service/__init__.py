"""One call, end to end."""
