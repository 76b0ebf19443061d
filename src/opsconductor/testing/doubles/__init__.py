"""Engines for tests only: each passes its port's contract and says in its name that it is a double."""
