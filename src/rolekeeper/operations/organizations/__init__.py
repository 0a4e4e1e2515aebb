"""The operations of AWS Organizations, one module an entity."""
