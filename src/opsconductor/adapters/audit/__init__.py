"""Engines of the audit port."""
