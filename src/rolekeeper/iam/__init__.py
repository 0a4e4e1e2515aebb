"""The entities of an account and what is true of them without a store."""
