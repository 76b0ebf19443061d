"""Doubles of the llm port."""
