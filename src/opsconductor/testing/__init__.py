"""Contracts and doubles for extension authors and tests; nothing in the package imports it."""
