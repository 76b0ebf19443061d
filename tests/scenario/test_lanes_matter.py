"""Each lane decides something: with one item removed from the pack, the same words come to another end."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import yaml

import opsconductor
from tests.scenario.conftest import talking

PACK = Path(opsconductor.__file__).parent / "packs" / "default"


def edited(folder: Path, file: str, change: Callable[[Any], Any]) -> Path:
    """A copy of the default pack with one file changed."""
    pack = copytree(PACK, folder / "pack")
    path = pack / file
    path.write_text(yaml.safe_dump(change(yaml.safe_load(path.read_text("utf-8")))), "utf-8")
    return pack


def without(key: str, value: str) -> Callable[[Any], Any]:
    """The list without the item whose `key` is `value`."""

    def change(items: Any) -> Any:
        left = [item for item in items if item.get(key) != value]
        assert len(left) == len(items) - 1
        for item in left:
            relations = item.get("relations", {})
            for kind in list(relations):
                relations[kind] = [name for name in relations[kind] if name != value]
                if not relations[kind]:
                    del relations[kind]
        return left

    return change


async def test_without_its_rule_a_restart_is_planned_without_the_warning(home: Path, tmp_path: Path) -> None:
    warning = "A restart ends the connections that are open to billing."
    async with talking(home, lab=True) as conversation:
        assert warning in (await conversation.say("restart billing on app-01")).message
    pack = edited(tmp_path, "rules/replies.yaml", without("id", "R-restart-connections"))
    async with talking(home, lab=True, pack=pack) as conversation:
        assert warning not in (await conversation.say("restart billing on app-01", session="sess_2")).message


async def test_without_the_hard_rule_destroying_data_is_no_longer_a_matter_of_policy(
    home: Path, tmp_path: Path
) -> None:
    async with talking(home) as conversation:
        refused = await conversation.say("delete the database")
        assert (refused.error or {})["code"] == "gate.denied_by_rule"
    pack = edited(tmp_path, "rules/safety.yaml", without("id", "R-destroy-data"))
    async with talking(home, pack=pack) as conversation:
        refused = await conversation.say("delete the database", session="sess_2")
        assert (refused.error or {})["code"] in {"scope.out_of_scope", "scope.no_tool"}


async def test_without_the_scenario_a_complaint_no_longer_leads_to_its_conclusion(home: Path, tmp_path: Path) -> None:
    conclusion = "Nothing is wrong with storefront as far as web-01 can tell."
    async with talking(home, lab=True) as conversation:
        assert conclusion in (await conversation.say("storefront seems broken")).message
    pack = copytree(PACK, tmp_path / "pack")
    for file in (pack / "scenarios").glob("*.yaml"):
        file.unlink()
    async with talking(home, lab=True, pack=pack) as conversation:
        assert conclusion not in (await conversation.say("storefront seems broken", session="sess_2")).message


async def test_without_its_memory_nothing_is_known_of_last_time(home: Path) -> None:
    question = "what did we do on app-01 last time?"
    async with talking(home, lab=True) as conversation:
        assert "no record" in (await conversation.say(question)).message
        await conversation.say("is billing running on app-01?")
        await conversation.engine.outbox.run_once()
        assert "service-status billing on app-01: succeeded" in (await conversation.say(question)).message


async def test_without_its_intent_the_words_are_out_of_scope(home: Path, tmp_path: Path) -> None:
    async with talking(home, lab=True) as conversation:
        assert (await conversation.say("how full is the disk on app-01")).kind == "answer"

    def change(intents: Any) -> Any:
        left = [item for item in intents if item["label"] != "monitoring/disk_usage"]
        assert len(left) == len(intents) - 1
        return left

    pack = edited(tmp_path, "intents/hosts-and-services.yaml", change)
    (pack / "tools" / "disk-usage.yaml").unlink()
    async with talking(home, lab=True, pack=pack) as conversation:
        reply = await conversation.say("how full is the disk on app-01", session="sess_2")
        assert reply.execution is None or all(result.tool != "disk-usage" for result in reply.execution.step_results)


async def test_the_same_words_with_another_host_in_mind_retrieve_other_rules(home: Path) -> None:
    async with talking(home, lab=True) as conversation:
        kept = {}
        for host, service in (("app-01", "billing"), ("web-01", "storefront")):
            session = f"sess_{host}"
            await conversation.say(f"is {service} running on {host}?", session=session)
            reply = await conversation.say("restart it", session=session)
            record = await conversation.engine.storage.turn_record("default", reply.turn_id)
            assert record is not None
            kept[host] = set(record.lanes["rules"]["ids"])  # type: ignore[arg-type]
        assert "R-staging-note" in kept["app-01"] - kept["web-01"]
        assert "R-production-note" in kept["web-01"] - kept["app-01"]
