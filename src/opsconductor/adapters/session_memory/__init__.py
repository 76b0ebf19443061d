"""Engines of the session memory port."""
