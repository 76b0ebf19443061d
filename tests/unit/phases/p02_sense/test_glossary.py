from opsconductor.domain.knowledge import GlossaryItem
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.glossary import MOST_TERMS, GlossaryReader

SHOP = GlossaryItem(term="the shop", meaning="our web store", aliases=("shop", "till"), replace_with="storefront")
MONEY = GlossaryItem(term="cash cow", meaning="what earns")
READER = GlossaryReader((SHOP, MONEY))


def test_an_alias_becomes_the_canonical_words() -> None:
    assert READER.read(Said("restart the Shop on web-01")) == ("restart storefront on web-01", ("the shop",))


def test_a_term_without_replacement_is_only_noted() -> None:
    assert READER.read(Said("restart the cash  cow")) == ("restart the cash cow", ("cash cow",))


def test_whole_words_only() -> None:
    assert READER.read(Said("shopping at shop-01, the workshop")) == ("shopping at shop-01, the workshop", ())


def test_a_recognised_name_stays() -> None:
    text = "is shop up, or the till"
    assert READER.read(Said(text), [(3, 7)]) == ("is shop up, or the storefront", ("the shop",))


def test_an_empty_glossary_changes_nothing() -> None:
    assert GlossaryReader(()).read(Said("restart the shop")) == ("restart the shop", ())


def test_only_so_many_terms_a_message() -> None:
    items = tuple(GlossaryItem(term=f"term{number}", meaning="", replace_with="x") for number in range(60))
    text, used = GlossaryReader(items).read(Said(" ".join(item.term for item in items)))
    assert len(used) == MOST_TERMS
    assert text.endswith("term59")
