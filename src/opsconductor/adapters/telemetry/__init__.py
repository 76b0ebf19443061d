"""Engines of the telemetry port."""
