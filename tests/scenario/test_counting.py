"""How many assets: the executed count, at any size, for any filter, and never a count that was not executed."""

import re
from collections import Counter
from csv import DictReader
from pathlib import Path

import pytest

from opsconductor.bootstrap import open_importer
from opsconductor.domain.assets import Asset
from opsconductor.domain.json_value import Json
from opsconductor.ports.asset_import import ImportOptions
from tests.scenario.conftest import Conversation, talking

CSV = Path(__file__).parents[1] / "data" / "netbox-demo-assets.csv"
QUESTION = "How many assets do we have?"


def output_of(reply: object) -> dict[str, Json]:
    """The execution's output."""
    output = reply.execution.output  # type: ignore[attr-defined]
    assert isinstance(output, dict)
    return output


async def test_a_fresh_home_answers_the_seeds_question_in_the_seeds_words(plain: Conversation) -> None:
    reply = await plain.say(QUESTION)
    assert reply.kind == "answer"
    assert reply.message == "You have 6 assets in the system:\n- 6 Windows workstations"
    assert reply.execution is not None
    assert reply.execution.status == "succeeded"
    assert output_of(reply) == {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
    first = reply.evidence[0]
    assert (first.step, first.path, first.value) == ("step_1", "output.total_count", 6)


async def test_the_question_went_through_a_real_socket(plain: Conversation) -> None:
    reply = await plain.say(QUESTION)
    assert reply.execution is not None
    attempt = reply.execution.step_results[0].attempts[0]
    assert attempt.request["method"] == "POST"
    assert str(attempt.request["url"]).startswith("http://127.0.0.1:")
    assert attempt.response["status"] == 200
    assert isinstance(attempt.response["bytes"], int)
    assert attempt.response["bytes"] > 40


async def test_the_lab_adds_four_linux_servers(lab: Conversation) -> None:
    reply = await lab.say(QUESTION)
    assert reply.message == "You have 10 assets in the system:\n- 6 Windows workstations\n- 4 Linux servers"


@pytest.mark.parametrize("count", [0, 1, 100, 101, 100_000])
async def test_counts_are_exact_at_any_size(home: Path, count: int) -> None:
    async with talking(home) as conversation:
        store = conversation.engine.asset_store
        retired = await store.put_assets("default", "seed", (), retire_missing=True, dry_run=False, actor="test")
        assert len(retired.retired) == 6
        assets = tuple(
            Asset(
                asset_id=f"asset_{number}",
                tenant="default",
                name=f"host-{number:06d}",
                type="linux_server",
                source="csv",
                source_id=str(number),
            )
            for number in range(count)
        )
        await store.put_assets("default", "csv", assets, retire_missing=False, dry_run=False, actor="test")
        reply = await conversation.say(QUESTION)
        assert reply.kind == "answer"
        assert output_of(reply)["total_count"] == count
        assert reply.message.startswith(f"You have {count} asset")


async def test_another_tenants_assets_are_never_counted(plain: Conversation) -> None:
    other = Asset(asset_id="asset_x", tenant="other", name="x", type="device", source="csv", source_id="x")
    await plain.engine.asset_store.put_assets(
        "other", "csv", (other,), retire_missing=False, dry_run=False, actor="test"
    )
    assert output_of(await plain.say(QUESTION))["total_count"] == 6


async def test_without_an_answer_of_the_service_there_is_no_count(home: Path) -> None:
    async with talking(home) as conversation:
        await conversation.engine.asset_service.stop()
        reply = await conversation.say(QUESTION)
        assert reply.kind == "failed"
        assert not re.search(r"\b6\b", reply.message)  # a port may hold the digit
        assert "asset service" in reply.message
        record = await conversation.engine.storage.turn_record("default", reply.turn_id)
        assert record is not None


def rows() -> list[dict[str, str]]:
    """The demo inventory as the file has it."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file))


PHRASINGS: list[tuple[str, str, str]] = [
    ("Could you tell me the total of routers at present?", "role", "Router"),
    ("Routers: what's the tally?", "role", "Router"),
    ("I need the headcount for access switches", "role", "Access Switch"),
    ("Give me a number for our patch panels, please", "role", "Patch Panel"),
    ("What quantity of PDU gear is registered?", "role", "PDU"),
    ("Count up all application servers for me", "role", "Application Server"),
    ("Tell me how large our fleet of distribution switches is", "role", "Distribution Switch"),
    ("Any idea how many core switches exist?", "role", "Core Switch"),
    ("Total ToR switches, please", "role", "ToR Switch"),
    ("Number of virtual machines right now?", "type", "virtual_machine"),
    ("How big is the set of virtual machines?", "type", "virtual_machine"),
    ("So how many devices are on the books?", "type", "device"),
    ("Kit owned by Dunder-Mifflin, Inc. - how much is there, as a count?", "owner", "Dunder-Mifflin, Inc."),
    ("How many things belong to NC State University?", "owner", "NC State University"),
    ("Count whatever NC State University owns", "owner", "NC State University"),
    ("How many machines stand in DM-Akron?", "site", "DM-Akron"),
    ("What is the asset total for site DM-Yonkers?", "site", "DM-Yonkers"),
    ("Number of items at MDF?", "site", "MDF"),
    ("Asset count for DM-Scranton?", "site", "DM-Scranton"),
    ("How many pieces of equipment sit in DM-Utica?", "site", "DM-Utica"),
]


async def test_twenty_phrasings_over_an_imported_inventory(home: Path) -> None:
    async with talking(home) as conversation:
        engine = conversation.engine
        importer = open_importer(engine.settings, "csv")
        assets = (await importer.read(CSV, "default", ImportOptions())).assets
        diff = await engine.asset_store.put_assets(
            "default", "csv", assets, retire_missing=True, dry_run=False, actor="test"
        )
        assert len(diff.added) == 252
        total = await conversation.say(QUESTION)
        assert output_of(total)["total_count"] == 258
        column = {"role": "role", "type": "type", "owner": "tenant", "site": "site"}
        counted = {field: Counter(row[name] for row in rows()) for field, name in column.items()}
        wrong = []
        for text, field, value in PHRASINGS:
            reply = await conversation.say(text, session=f"sess_{abs(hash(text))}")
            found = reply.execution.output if reply.execution else None
            if not isinstance(found, dict) or found.get("total_count") != counted[field][value]:
                wrong.append((text, counted[field][value], reply.kind.value, reply.message))
        assert not wrong, "\n".join(map(str, wrong))


def test_no_phrasing_shares_four_words_in_a_row_with_the_pack() -> None:
    import opsconductor

    pack = Path(opsconductor.__file__).parent / "packs" / "default"
    written = " ".join(path.read_text("utf-8") for path in pack.rglob("*.yaml")).lower()
    words = "".join(letter if letter.isalnum() or letter in "{}" else " " for letter in written).split()
    fours = {tuple(words[index : index + 4]) for index in range(len(words) - 3)}
    for text, _, _ in PHRASINGS:
        said = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
        shared = [said[index : index + 4] for index in range(len(said) - 3) if tuple(said[index : index + 4]) in fours]
        assert not shared, (text, shared)
