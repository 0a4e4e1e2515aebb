"""What makes the generated parts of the documentation; nothing of it is needed to run a server."""
