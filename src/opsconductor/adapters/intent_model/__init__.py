"""Engines of the intent model port."""
