"""Thin apps that turn bytes into a call and a result into bytes."""
