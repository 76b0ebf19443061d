"""Engines behind the ports: adapters/<port>/<engine>.py. Only bootstrap imports them."""
