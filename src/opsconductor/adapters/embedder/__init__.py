"""Engines of the embedder port; each is a module or folder with `open_embedder()`."""
