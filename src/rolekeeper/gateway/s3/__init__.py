"""What S3 asks beyond the reference: buckets and objects by name, condition keys, what copies read."""
