"""Doubles of the lanes port."""
