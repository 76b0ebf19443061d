"""Engines of the secrets port."""
