"""OpsConductor: ask an operations question or give an order in plain words, get the executed truth."""

__version__ = "0.1.0"
