"""Doubles of the storage port."""
