"""Doubles of the ids port."""
