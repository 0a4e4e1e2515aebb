"""The protocols: bytes to values and back. Pure."""
