"""The operations of IAM Roles Anywhere."""
