"""What `rolekeeper metadata` does: instance metadata where instances look for them."""
