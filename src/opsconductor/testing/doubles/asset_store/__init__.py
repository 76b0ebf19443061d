"""Doubles of the asset store port; each module has `open_asset_store()`."""
