"""Engines of the ids port."""
