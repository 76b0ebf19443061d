from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.json_value import Json
from opsconductor.phases.p03_update_customer.facets import facets_of
from opsconductor.testing.doubles.inventory.in_memory import lab_hosts
from opsconductor.testing.turns import a_word

APP_01, APP_02, WEB_01, _ = lab_hosts()


def preferred(facet: str, value: Json) -> dict[str, VariableEntry]:
    key = f"preferred_{facet}"
    return {key: VariableEntry(key=key, value=value, source="user", confidence=1, updated_at="")}


def test_facets_are_those_of_the_assets() -> None:
    facets = facets_of([APP_01], [], {})
    assert facets == {
        "environment": ("staging",),
        "role": ("app",),
        "type": ("linux_server",),
        "platform": ("linux",),
        "site": ("lab",),
        "service": ("billing",),
        "criticality": ("medium",),
    }


def test_other_assets_other_facets() -> None:
    assert facets_of([APP_01], [], {})["environment"] != facets_of([WEB_01], [], {})["environment"]


def test_several_assets_give_distinct_values() -> None:
    assert facets_of([APP_01, APP_02, WEB_01], [], {})["environment"] == ("staging", "production")


def test_a_named_service_is_the_one_it_is_about() -> None:
    assert facets_of([WEB_01], [a_word("service", "storefront")], {})["service"] == ("storefront",)


def test_what_the_message_says_counts_too() -> None:
    assert facets_of([], [a_word("environment", "production")], {}) == {"environment": ("production",)}


def test_a_preference_fills_only_what_nothing_else_tells() -> None:
    data = preferred("environment", "production")
    assert facets_of([], [], data) == {"environment": ("production",)}
    assert facets_of([APP_01], [], data)["environment"] == ("staging",)
    assert facets_of([], [], preferred("role", ["app", 3])) == {"role": ("app",)}
    assert facets_of([], [], preferred("role", 3)) == {}
