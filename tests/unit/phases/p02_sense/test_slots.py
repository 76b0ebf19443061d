import pytest

from opsconductor.domain.assets import Vocabulary
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.found import standing
from opsconductor.phases.p02_sense.slots import SlotIndex

WORDS = Vocabulary(
    revision=3,
    values={
        "type": ("device", "linux_server", "virtual_machine", "windows_workstation"),
        "role": ("Access Switch", "Application Server", "Core Switch", "PDU", "Patch Panel", "Router", "web"),
        "platform": ("linux", "network", "windows"),
        "os": ("Cisco IOS", "Ubuntu Linux 20.04"),
        "environment": ("Production", "staging"),
        "site": ("DM-Akron", "HQ", "MDF"),
        "owner": ("Dunder-Mifflin, Inc.", "IT", "NC State University"),
        "status": ("active",),
    },
)


def slots(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in standing(SlotIndex(WORDS).slots(Said(text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how many routers do we have", [("role", "Router")]),
        ("count the access switches", [("role", "Access Switch")]),
        ("how many switches are there", [("role", "Access Switch"), ("role", "Core Switch")]),
        ("number of virtual machines", [("type", "virtual_machine")]),
        ("how many VMs are there", [("type", "virtual_machine")]),
        ("how many Windows workstations", [("type", "windows_workstation")]),
        ("list linux servers", [("type", "linux_server")]),
        ("windows boxes", [("platform", "windows")]),
        ("cisco routers in akron", [("os", "Cisco IOS"), ("role", "Router"), ("site", "DM-Akron")]),
        ("assets owned by dunder mifflin", [("owner", "Dunder-Mifflin, Inc.")]),
        ("PDUs at dm-akron", [("role", "PDU"), ("site", "DM-Akron")]),
        ("hosts in prod", [("environment", "Production")]),
        ("pre-production hosts", [("environment", "pre-production")]),
        ("hosts in test", [("environment", "test")]),
        ("active devices", [("status", "active"), ("type", "device")]),
        ("which router is slow", [("role", "Router")]),
        ("web servers in staging", [("role", "web"), ("type", "linux_server"), ("environment", "staging")]),
        ("assets for IT", [("owner", "IT")]),
        ("assets of Dunder-Mifflin, Inc.?", [("owner", "Dunder-Mifflin, Inc.")]),
    ],
)
def test_words_mean_values_of_the_inventory(text: str, expected: list[tuple[str, str]]) -> None:
    assert slots(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "reproduction-lab is up",
        "is web-production-01 up",
        "does it respond on the network?",
        "test whether db-01 is up",
        "is nginx active on db-01",
        "does the web page load",
        "can it see us",
        "how many machines do we have",
        "restart this router-2",
        "/opt/staging/x",
        "",
    ],
)
def test_words_that_mean_something_else_are_left_alone(text: str) -> None:
    assert slots(text) == []


def test_a_platform_that_no_asset_has_is_still_a_system() -> None:
    index = SlotIndex(Vocabulary(revision=1, values={}))
    assert [(one.entity.type, one.entity.value) for one in index.slots(Said("linux boxes"))] == [("os", "linux")]


def test_the_index_tells_its_revision() -> None:
    assert SlotIndex(WORDS).revision == 3
