"""Engines of the storage port."""
