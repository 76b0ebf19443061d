"""Engines of the catalogue port."""
