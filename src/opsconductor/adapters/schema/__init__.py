"""Engines of the schema port."""
