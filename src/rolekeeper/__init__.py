"""Rolekeeper."""
