"""The steps that bring a database from any earlier form to the one in `schema`."""
