"""The operations of the service `rolekeeper`: what runs as what."""
