"""Engines of the processes port."""
