"""The policy language. Pure; knows no IAM entities, store or HTTP."""
