"""Engines of the connector port: each reaches the world in one way."""
