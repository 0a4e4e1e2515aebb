"""What `rolekeeper workload` does: calls of the server's own service, and how their answers are shown."""
