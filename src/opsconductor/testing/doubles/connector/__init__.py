"""Doubles of the connector port."""
