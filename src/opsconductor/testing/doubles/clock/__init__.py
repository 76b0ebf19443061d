"""Doubles of the clock port."""
