"""BERT's uncased WordPiece: the token ids the packaged model was trained on, without a tokenizer library."""

import unicodedata
from collections.abc import Iterator, Mapping

MAX_TOKENS = 128  # [CLS] and [SEP] among them; what the model was trained to read
_MAX_CHARACTERS = 16_384  # of a text; far more than 128 tokens of real words
_MAX_WORD = 100  # characters of a word; a longer one is unknown as a whole
_CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def read_vocabulary(text: str) -> dict[str, int]:
    """Token to id: one token a line, its id the line's number from 0."""
    return {token: index for index, token in enumerate(text.rstrip("\n").split("\n"))}


def token_ids(text: str, vocabulary: Mapping[str, int]) -> list[int]:
    """Ids of `text` between [CLS] and [SEP], at most MAX_TOKENS; the tail of a longer text is left out."""
    ids = [vocabulary["[CLS]"]]
    for word in _words(text[:_MAX_CHARACTERS]):
        ids += _pieces(word, vocabulary)
        if len(ids) >= MAX_TOKENS - 1:
            break
    return [*ids[: MAX_TOKENS - 1], vocabulary["[SEP]"]]


def _words(text: str) -> Iterator[str]:
    spaced = "".join(_cleaned(character) for character in text)
    if not spaced.isascii():
        # Letter by letter, because lower() of a whole word turns its last Greek sigma into another letter.
        decomposed = unicodedata.normalize("NFD", spaced)
        spaced = "".join(c.lower() for c in decomposed if unicodedata.category(c) != "Mn")
    else:
        spaced = spaced.lower()
    for run in spaced.split():
        start = 0
        for index, character in enumerate(run):
            if _is_punctuation(character):
                yield from filter(None, (run[start:index], character))
                start = index + 1
        if start < len(run):
            yield run[start:]


def _pieces(word: str, vocabulary: Mapping[str, int]) -> list[int]:
    """Greedy, longest first; a word that cannot be covered is [UNK] as a whole."""
    unknown = [vocabulary["[UNK]"]]
    if len(word) > _MAX_WORD:
        return unknown
    ids: list[int] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        for end in range(len(word), start, -1):
            found = vocabulary.get(prefix + word[start:end])
            if found is not None:
                break
        else:
            return unknown
        ids.append(found)
        start = end
    return ids


def _cleaned(character: str) -> str:
    """Controls and zero-width characters vanish; every blank is a space; an ideograph is a word."""
    if character.isascii():
        return character if character.isprintable() else " " if character in "\t\n\r" else ""
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cs") or character == "\ufffd":
        return ""
    if category[0] == "Z":
        return " "
    return f" {character} " if any(low <= ord(character) <= high for low, high in _CJK) else character


def _is_punctuation(character: str) -> bool:
    if character.isascii():
        return not character.isalnum()
    return unicodedata.category(character)[0] == "P"
