"""Engines of the clock port."""
