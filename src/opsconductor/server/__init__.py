"""The HTTP door: API, the small page, and what `serve` runs."""
