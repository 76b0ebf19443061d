"""Engines of the lanes port."""
