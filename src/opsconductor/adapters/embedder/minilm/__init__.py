"""all-MiniLM-L6-v2 as int8 ONNX, packaged: understanding with no model server, no key and no download."""

from opsconductor.adapters.embedder.minilm.engine import MiniLmEmbedder, open_embedder

__all__ = ["MiniLmEmbedder", "open_embedder"]
