"""Engines of the audit anchor port."""
