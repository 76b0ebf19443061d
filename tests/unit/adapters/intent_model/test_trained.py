import os
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.intent_model import trained
from opsconductor.adapters.intent_model.trained import TrainedIntentModels
from opsconductor.adapters.kept_vectors import KeptVectors
from opsconductor.testing.contracts.intent_model import CATALOGUE, predict
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

TEXT = "how full is the disk on {host}"


def models(folder: Path) -> tuple[TrainedIntentModels, HashedWordsEmbedderDouble]:
    embedder = HashedWordsEmbedderDouble()
    return TrainedIntentModels(KeptVectors(embedder, folder / "vectors"), folder / "heads"), embedder


async def test_the_next_process_reads_the_heads_and_embeds_nothing(tmp_path: Path) -> None:
    first, embedder = models(tmp_path)
    prediction = await predict(first, HashedWordsEmbedderDouble(), TEXT)
    assert len(embedder.embedded) == 9
    again, embedder = models(tmp_path)
    assert await predict(again, HashedWordsEmbedderDouble(), TEXT) == prediction
    assert embedder.embedded == []


async def test_a_damaged_file_is_trained_anew(tmp_path: Path) -> None:
    first, _ = models(tmp_path)
    prediction = await predict(first, HashedWordsEmbedderDouble(), TEXT)
    (file,) = (tmp_path / "heads").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    again, _ = models(tmp_path)
    assert await predict(again, HashedWordsEmbedderDouble(), TEXT) == prediction
    assert file.stat().st_size == len(whole)


async def test_a_changed_pack_has_its_own_heads(tmp_path: Path) -> None:
    own, _ = models(tmp_path)
    assert await own.model_for(CATALOGUE) is await own.model_for(CATALOGUE)
    changed = replace(CATALOGUE, digest="sha256:other", intents=CATALOGUE.intents[:1])
    labels = {label for label, _ in (await predict(own, HashedWordsEmbedderDouble(), TEXT, changed)).ranked}
    assert labels == {"monitoring/disk_usage", "out_of_scope"}
    assert len(list((tmp_path / "heads").iterdir())) == 2


async def test_a_catalogue_without_examples_has_nothing_in_scope(tmp_path: Path) -> None:
    own, _ = models(tmp_path)
    bare = a_catalogue(intents=(), digest="sha256:bare")
    prediction = await predict(own, HashedWordsEmbedderDouble(), TEXT, bare)
    assert (prediction.ranked, prediction.in_scope) == ((), False)


async def test_old_heads_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained, "_FILES_KEPT", 2)
    own, _ = models(tmp_path)
    (tmp_path / "heads").mkdir()
    for number in range(3):
        old = tmp_path / "heads" / f"understanding-{number}.bin"
        old.write_bytes(b"old")
        os.utime(old, (number, number))
    await own.model_for(CATALOGUE)
    names = {file.name for file in (tmp_path / "heads").iterdir()}
    assert len(names) == 2
    assert "understanding-2.bin" in names


async def test_a_home_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "heads").write_text("in the way")
    own, _ = models(tmp_path)
    assert (await predict(own, HashedWordsEmbedderDouble(), TEXT)).in_scope
