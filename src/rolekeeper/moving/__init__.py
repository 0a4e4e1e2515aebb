"""Moving in and out: an account as `aws iam get-account-authorization-details` writes it."""
