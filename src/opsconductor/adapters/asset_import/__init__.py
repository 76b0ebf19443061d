"""Engines of the asset import port; each is a module or folder with `open_importer(secrets)`."""
