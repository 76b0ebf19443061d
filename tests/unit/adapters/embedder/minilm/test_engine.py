import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import opsconductor.adapters.embedder.minilm as minilm
from opsconductor.adapters.embedder.minilm.engine import (
    MODEL_FILE,
    VOCABULARY_FILE,
    MiniLmEmbedder,
    open_embedder,
)
from opsconductor.domain.errors import InternalFault

PACKAGED = Path(minilm.__file__).parent
REFERENCE = json.loads((Path(__file__).parents[4] / "data" / "embedder_reference.json").read_text(encoding="utf-8"))


async def test_vectors_are_close_to_the_full_precision_model() -> None:
    exact = np.array([entry["fp32"] for entry in REFERENCE])
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    async with open_embedder() as embedder:
        vectors = await embedder.embed([entry["text"] for entry in REFERENCE])
    assert len(REFERENCE) == 6
    assert ((vectors * exact).sum(axis=1) >= 0.99).all()


async def test_near_in_meaning_is_near_without_a_shared_word() -> None:
    async with open_embedder() as embedder:
        question, near, far = await embedder.embed(
            ["please reboot the computer", "kindly restart this machine", "bake me a cake"]
        )
    assert question @ near > question @ far + 0.2


@pytest.mark.parametrize("name", [MODEL_FILE, VOCABULARY_FILE])
@pytest.mark.parametrize("damage", ["one bit", "cut short", "missing"])
async def test_a_damaged_file_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    for file in (MODEL_FILE, VOCABULARY_FILE):
        shutil.copy(PACKAGED / file, tmp_path)
    content = (tmp_path / name).read_bytes()
    match damage:
        case "one bit":
            (tmp_path / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "cut short":
            (tmp_path / name).write_bytes(content[:1000])
        case _:
            (tmp_path / name).unlink()
    embedder = MiniLmEmbedder(tmp_path)
    with pytest.raises(InternalFault) as caught:
        await embedder.embed(["is anybody there"])
    await embedder.aclose()
    assert caught.value.code == "embedder.corrupt_model"
    assert name in caught.value.message
    assert caught.value.next_step


async def test_loading_early_finds_the_damage_early(tmp_path: Path) -> None:
    embedder = MiniLmEmbedder(tmp_path)
    with pytest.raises(InternalFault):
        await embedder.load()
    await embedder.aclose()


async def test_a_repeated_text_needs_no_model() -> None:
    embedder = MiniLmEmbedder()
    first = await embedder.embed(["again and again"])
    await embedder.aclose()  # its thread is gone, so only what is remembered can answer
    assert np.array_equal(await embedder.embed(["again and again"]), first)
    with pytest.raises(RuntimeError):
        await embedder.embed(["a new text"])


async def test_only_the_last_texts_are_remembered() -> None:
    embedder = MiniLmEmbedder(cached_texts=2)
    await embedder.embed(["one", "two"])
    await embedder.embed(["one"])
    await embedder.embed(["three"])
    await embedder.aclose()
    assert (await embedder.embed(["one", "three"])).shape == (2, 384)
    with pytest.raises(RuntimeError):
        await embedder.embed(["two"])


def test_importing_the_engine_does_not_load_the_library() -> None:
    code = "import sys, opsconductor.adapters.embedder.minilm; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_licence_of_the_model_lies_beside_it() -> None:
    notice = (PACKAGED / "NOTICE").read_text(encoding="utf-8")
    assert "Apache License, Version 2.0" in notice
    assert "all-MiniLM-L6-v2" in notice
