from dataclasses import replace
from pathlib import Path

from opsconductor.adapters.kept_vectors import KeptVectors
from opsconductor.adapters.lanes.hybrid import hybrid_lanes
from opsconductor.adapters.lanes.hybrid.engine import intent_entries, rule_entries, scenario_entries
from opsconductor.testing.contracts.lanes import GivenMemories, a_catalogue, a_rule, ask
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble


async def test_a_catalogue_is_embedded_once_and_a_changed_one_only_in_what_changed(tmp_path: Path) -> None:
    embedder = HashedWordsEmbedderDouble()
    lanes = hybrid_lanes(KeptVectors(embedder, tmp_path), GivenMemories())
    query = await ask(HashedWordsEmbedderDouble(), "disk")
    await lanes.rules.retrieve(query, 5)
    await lanes.rules.retrieve(query, 5)
    before = len(embedder.embedded)
    assert before == 3
    one_more = a_catalogue(digest="sha256:2", rules=(*a_catalogue().rules, a_rule("new", "about networks")))
    found = await lanes.rules.retrieve(replace(query, catalogue=one_more), 5)
    assert embedder.embedded[before:] == ["new. about networks"]
    assert len(found) == 4


async def test_a_new_process_embeds_nothing_for_a_known_catalogue(tmp_path: Path) -> None:
    query = await ask(HashedWordsEmbedderDouble(), "disk")
    first = await hybrid_lanes(KeptVectors(HashedWordsEmbedderDouble(), tmp_path), GivenMemories()).intents.retrieve(
        query, 5
    )
    embedder = HashedWordsEmbedderDouble()
    again = hybrid_lanes(KeptVectors(embedder, tmp_path), GivenMemories())
    assert await again.intents.retrieve(query, 5) == first
    assert embedder.embedded == []


def test_disabled_rules_are_not_found() -> None:
    catalogue = a_catalogue(rules=(a_rule("on", "x"), a_rule("off", "x", enabled=False)))
    assert [entry.item.rule_id for entry in rule_entries(catalogue)] == ["on"]


def test_scenarios_and_intents_are_found_by_what_people_say() -> None:
    (scenario,) = scenario_entries(a_catalogue())
    assert scenario.texts == ("Triage a service. a service is broken", "{service} misbehaves")
    assert intent_entries(a_catalogue())[0].texts == ("asset count", "how many assets do we have", "count the hosts")
