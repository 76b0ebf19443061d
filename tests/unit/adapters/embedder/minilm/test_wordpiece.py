import json
from pathlib import Path

import pytest

import opsconductor.adapters.embedder.minilm as minilm
from opsconductor.adapters.embedder.minilm.wordpiece import MAX_TOKENS, read_vocabulary, token_ids

VOCABULARY = read_vocabulary((Path(minilm.__file__).parent / "vocab.txt").read_text(encoding="utf-8"))
REFERENCE = json.loads((Path(__file__).parents[4] / "data" / "embedder_reference.json").read_text(encoding="utf-8"))


def tokens(text: str) -> list[str]:
    names = list(VOCABULARY)
    return [names[index] for index in token_ids(text, VOCABULARY)[1:-1]]


@pytest.mark.parametrize("entry", REFERENCE, ids=lambda entry: entry["text"][:40])
def test_ids_equal_the_reference_tokenizer(entry: dict[str, object]) -> None:
    assert token_ids(str(entry["text"]), VOCABULARY) == entry["ids"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Restart NGINX!", ["restart", "ng", "##in", "##x", "!"]),
        ("café naïve", ["cafe", "naive"]),
        ("{service}", ["{", "service", "}"]),
        ("中国up", ["中", "国", "up"]),
        ("dis\u200bk fu\u0000ll\u202e", ["disk", "full"]),
        ("a\u00a0b\tc\r\nd", ["a", "b", "c", "d"]),
        ("\u03a0\u03a3", ["\u03c0", "##\u03c3"]),
        ("up" * 51, ["[UNK]"]),
        ("\U0001f680 ok", ["[UNK]", "ok"]),
        ("[MASK] [SEP]", ["[", "mask", "]", "[", "sep", "]"]),
        ("", []),
    ],
)
def test_text_becomes_the_pieces_bert_makes(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_long_text_keeps_its_head_between_the_two_marks() -> None:
    ids = token_ids("disk " * 5000, VOCABULARY)
    assert len(ids) == MAX_TOKENS
    assert (ids[0], ids[-1]) == (VOCABULARY["[CLS]"], VOCABULARY["[SEP]"])
    assert set(ids[1:-1]) == {VOCABULARY["disk"]}


def test_the_vocabulary_numbers_its_lines() -> None:
    assert len(VOCABULARY) == 30_522
    assert VOCABULARY["[PAD]"] == 0
