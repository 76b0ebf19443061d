import builtins
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

import opsconductor.adapters.embedder.minilm as minilm
from opsconductor.adapters.embedder.minilm.session import OnnxSession
from opsconductor.domain.errors import InternalFault, Unavailable

MODEL = (Path(minilm.__file__).parent / "minilm-l6-v2-int8.onnx").read_bytes()


def test_ids_become_one_vector_of_length_one() -> None:
    vector = OnnxSession(MODEL).vector([101, 2129, 102])
    assert vector.shape == (384,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_an_id_outside_the_vocabulary_is_our_error() -> None:
    with pytest.raises(InternalFault) as caught:
        OnnxSession(MODEL).vector([101, 10**9, 102])
    assert caught.value.code == "embedder.failed"


def test_bytes_that_are_no_model_are_our_error() -> None:
    with pytest.raises(InternalFault) as caught:
        OnnxSession(b"not a model")
    assert caught.value.code == "embedder.corrupt_model"


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = builtins.__import__

    def without_onnxruntime(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name.partition(".")[0] == "onnxruntime":
            raise ImportError(name)
        return honest(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without_onnxruntime)
    with pytest.raises(Unavailable) as caught:
        OnnxSession(MODEL)
    assert caught.value.code == "embedder.unavailable"
    assert caught.value.next_step
