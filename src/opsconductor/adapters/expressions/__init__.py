"""Engines of the expressions port."""
