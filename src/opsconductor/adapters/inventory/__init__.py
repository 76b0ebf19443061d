"""Engines of the inventory port; each is a module or folder with `open_inventory(...)`."""
