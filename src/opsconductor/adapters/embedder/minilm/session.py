"""The one module that knows onnxruntime: a checked model's bytes in, one text's vector out, our errors only."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.domain.errors import InternalFault, Unavailable


class OnnxSession:
    """An encoder with pooling, run on the calling thread."""

    def __init__(self, model: bytes) -> None:
        """Prepare `model` (ONNX bytes).

        Raises Unavailable `embedder.unavailable`, InternalFault `embedder.corrupt_model`.
        """
        try:
            import onnxruntime  # 0.1 s that only a turn needs
            from onnxruntime.capi import onnxruntime_pybind11_state as native
        except ImportError as error:
            raise Unavailable("embedder.unavailable", "The embedding engine onnxruntime does not load here.") from error
        self._errors = tuple(kind for kind in vars(native).values() if _is_error(kind))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # memory stays flat after one long text; costs nothing measurable
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC  # its fusions are slower
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except self._errors as error:
            raise InternalFault("embedder.corrupt_model", "The packaged model is not one that can be run.") from error

    def vector(self, ids: list[int]) -> NDArray[np.float32]:
        """L2-normalised vector of one text, given its token ids. Raises InternalFault `embedder.failed`."""
        tokens = np.array([ids], dtype=np.int64)
        inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        try:
            vector: NDArray[np.float32] = self._session.run(None, inputs)[0][0]
        except self._errors as error:
            raise InternalFault("embedder.failed", "The embedding engine failed on this text.") from error
        if not np.isfinite(vector).all():
            raise InternalFault("embedder.failed", "The embedding engine gave no usable vector for this text.")
        return vector


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)
