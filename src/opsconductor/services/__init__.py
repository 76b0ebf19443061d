"""The HTTP services that plans call; each runs inside `serve` or on its own."""
