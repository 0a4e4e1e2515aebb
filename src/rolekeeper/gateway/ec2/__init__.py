"""What EC2 asks beyond the reference: where requests name resources, by ID, by name or by an association."""
