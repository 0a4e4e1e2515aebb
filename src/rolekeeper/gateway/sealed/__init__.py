"""What services keep under a customer's KMS key, by kind: the key is asked of who reads or writes it."""
