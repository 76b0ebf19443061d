"""Doubles of the failpoints port."""
