"""Lanes that look for the same words and for the same meaning, fused by rank."""

from opsconductor.adapters.lanes.hybrid.engine import hybrid_lanes, open_lanes

__all__ = ["hybrid_lanes", "open_lanes"]
