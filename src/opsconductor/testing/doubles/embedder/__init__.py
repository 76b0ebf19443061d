"""Doubles of the embedder port; each module has `open_embedder()`."""
