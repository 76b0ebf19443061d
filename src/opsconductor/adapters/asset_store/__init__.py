"""Engines of the asset store port."""
