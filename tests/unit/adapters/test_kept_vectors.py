import asyncio
from pathlib import Path

import numpy as np
import pytest

from opsconductor.adapters import kept_vectors
from opsconductor.adapters.kept_vectors import KeptVectors, write_atomically
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def the_file(folder: Path) -> Path:
    (file,) = files(folder)
    return file


async def test_the_next_process_reads_what_this_one_embedded(tmp_path: Path) -> None:
    first = await KeptVectors(HashedWordsEmbedderDouble(), tmp_path / "cache").vectors(["a b", "c", "a b"])
    embedder = HashedWordsEmbedderDouble()
    again = await KeptVectors(embedder, tmp_path / "cache").vectors(["a b", "c", "a b"])
    assert np.array_equal(first, again)
    assert first.shape == (3, embedder.dimensions)
    assert embedder.embedded == []


async def test_only_new_texts_are_embedded(tmp_path: Path) -> None:
    await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors(["a", "b"])
    embedder = HashedWordsEmbedderDouble()
    vectors = KeptVectors(embedder, tmp_path)
    await vectors.vectors(["b", "c", "a"])
    await vectors.vectors(["c", "a"])
    assert embedder.embedded == ["c"]


async def test_no_text_gives_no_row_and_no_file(tmp_path: Path) -> None:
    rows = await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors([])
    assert rows.shape == (0, HashedWordsEmbedderDouble.dimensions)
    assert files(tmp_path) == []


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "foreign"])
async def test_a_damaged_file_is_made_anew(tmp_path: Path, harm: str) -> None:
    good = await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors(["a", "b"])
    file = the_file(tmp_path)
    whole = file.read_bytes()
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    file.write_bytes({"cut": whole[:-9], "flip": flipped, "empty": b"", "foreign": b"\x80\x04 pickle"}[harm])
    embedder = HashedWordsEmbedderDouble()
    assert np.array_equal(await KeptVectors(embedder, tmp_path).vectors(["a", "b"]), good)
    assert embedder.embedded == ["a", "b"]
    assert the_file(tmp_path).read_bytes() == whole


async def test_another_embedder_has_another_file(tmp_path: Path) -> None:
    class Other(HashedWordsEmbedderDouble):
        digest = "sha256:" + "0" * 64

    await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors(["a"])
    other = Other()
    await KeptVectors(other, tmp_path).vectors(["a"])
    assert other.embedded == ["a"]
    assert len(files(tmp_path)) == 2


async def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    vectors = KeptVectors(HashedWordsEmbedderDouble(), blocked / "cache")
    assert (await vectors.vectors(["a"])).shape[0] == 1


async def test_two_askers_at_once_embed_a_text_once(tmp_path: Path) -> None:
    embedder = HashedWordsEmbedderDouble()
    vectors = KeptVectors(embedder, tmp_path)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(vectors.vectors(["a", "b"]))
        second = group.create_task(vectors.vectors(["b", "a"]))
    assert embedder.embedded == ["a", "b"]
    assert np.array_equal(first.result(), second.result()[::-1])


async def test_two_that_save_in_turn_keep_what_the_other_saved(tmp_path: Path) -> None:
    one, other = (KeptVectors(HashedWordsEmbedderDouble(), tmp_path) for _ in range(2))
    for vectors, text in ((one, "a"), (other, "b"), (one, "c")):
        await vectors.vectors([text])
    embedder = HashedWordsEmbedderDouble()
    await KeptVectors(embedder, tmp_path).vectors(["a", "b", "c"])
    assert embedder.embedded == []


async def test_what_was_not_asked_for_goes_when_the_file_grows_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors(["old", "b"])
    monkeypatch.setattr(kept_vectors, "MOST_KEPT", 2)
    await KeptVectors(HashedWordsEmbedderDouble(), tmp_path).vectors(["b", "c"])
    embedder = HashedWordsEmbedderDouble()
    await KeptVectors(embedder, tmp_path).vectors(["b", "c", "old"])
    assert embedder.embedded == ["old"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "file", b"content")
    assert (tmp_path / "new" / "file").read_bytes() == b"content"
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").write_text("")
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "taken", b"content")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["new", "taken"]
