import pytest

from opsconductor.domain.assets import Mention
from opsconductor.phases.p02_sense.names import exact_names, lookup_of
from opsconductor.phases.p02_sense.payloads import payloads
from opsconductor.phases.p02_sense.tokens import Reading
from opsconductor.testing.turns import an_asset_match

LOOKUP = lookup_of(
    Mention(text=name, kind="host", matches=(an_asset_match(name),)) for name in ("app-01", "app-02", "hub")
)


def smuggled(text: str) -> list[str]:
    reading = Reading(text)
    hosts = [claim.entity for claim in exact_names(reading, LOOKUP)]
    return [claim.entity.text for claim in payloads(reading, hosts, LOOKUP)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("restart billing on app-01; rm -rf /", "app-01; rm -rf /"),
        ("restart billing on app-01;reboot", "app-01;reboot"),
        ("ping app-01 && reboot", "app-01 && reboot"),
        ("ping app-01|sh", "app-01|sh"),
        ("ping hub$(reboot)", "hub$(reboot)"),
        ("ping app-01`id`", "app-01`id`"),
        ("ping app-01 > /etc/passwd", ""),
        ("ping app-01>/etc/passwd", "app-01>/etc/passwd"),
        ("disk on app-01' OR 1=1 --", "app-01' OR 1=1 --"),
        ("disk on app-01'--", "app-01'--"),
        ("disk on app-01*", "app-01*"),
        ("restart billing on ' OR 1=1 --", "' OR 1=1 --"),
        ("ping $(reboot)", "$(reboot)"),
        ("ping ${HOST}", "${HOST}"),
        ("ping app-09;reboot", "app-09;reboot"),
    ],
)
def test_text_glued_to_a_name_makes_it_another_name(text: str, whole: str) -> None:
    assert smuggled(text) == ([whole] if whole else [])


@pytest.mark.parametrize(
    "text",
    [
        "disk usage on app-01;app-02",
        "check app-01; then app-02",
        "check **app-01**, `app-01` and <app-01>",
        "is app-01's disk full?",
        "ping 'app-01' or \"app-02\"",
        "restart billing on app-01, please -- it hangs",
        "R&D owns app-01",
        "turn it on & off",
    ],
)
def test_ordinary_punctuation_is_no_payload(text: str) -> None:
    assert smuggled(text) == []
