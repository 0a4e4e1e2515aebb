"""AWS Organizations, through an unmodified SDK."""
