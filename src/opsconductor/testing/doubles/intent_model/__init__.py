"""Doubles of the intent model port."""
