"""The audit trail's record form. Pure."""
