"""Items of DynamoDB's tables: which a request touches, and what of them."""
