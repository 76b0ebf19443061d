"""Engines of the authorizer port."""
