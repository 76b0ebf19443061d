"""Doubles of the inventory port."""
