"""Programs that run as a role: what they are told, where they get credentials, and how they end.

Nothing here is heavy: a launcher lives as long as its program, and many may run.
"""
