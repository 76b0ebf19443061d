from typing import Any

from opsconductor.domain.assets import FILTER_FIELDS, Vocabulary
from opsconductor.domain.json_value import Json
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.slots import Filled, fill
from opsconductor.testing.turns import a_host, a_tool, a_word, object_schema

NOTHING = Vocabulary(revision=0, values={})
QUERY = a_tool(
    "asset-service-query",
    targets_input="",
    inputs=object_schema(
        *("filters", "group_by", "limit"),
        query_type={"type": "string", "enum": ["count", "list", "show"]},
        filters={"type": "object", "properties": {field: {} for field in FILTER_FIELDS}},
        group_by={"type": "string", "enum": ["type", "role", "site"], "default": "type"},
        limit={"type": "integer", "x-entity": "number"},
    ),
)


def filled(tool: Any, text: str, *words: tuple[str, str], action: str = "asset_count", **given: Json) -> Filled:
    entities = tuple(a_host(value) if kind == "host" else a_word(kind, value, text) for kind, value in words)
    return fill(tool, Request(text=text, action=action, entities=entities), given, NOTHING)


def test_a_plain_count_takes_its_type_from_the_intent_and_its_defaults_from_the_schema() -> None:
    found = filled(QUERY, "how many assets do we have")
    assert found.inputs == {"query_type": "count", "group_by": "type"}
    assert found.missing == ()


def test_an_inventory_question_is_filtered_and_grouped_by_what_is_said() -> None:
    found = filled(QUERY, "how many routers in akron by role", ("role", "Router"), ("site", "akron"))
    assert found.inputs == {
        "query_type": "count",
        "filters": {"role": "Router", "site": "akron"},
        "group_by": "role",
    }
    assert found.used == {"role", "site"}
    assert found.unusable == ()


def test_what_cannot_be_filtered_by_is_told_and_not_left_out() -> None:
    assert filled(QUERY, "computers tagged finance", ("tag", "finance")).unusable == ("tag",)


def test_a_number_becomes_a_whole_number_or_nothing() -> None:
    assert filled(QUERY, "list 5 assets", ("number", "5")).inputs["limit"] == 5
    assert "limit" not in filled(QUERY, "list some", ("number", "2.5")).inputs
    assert "limit" not in filled(QUERY, "list some", ("number", "many")).inputs


def test_entities_fill_by_kind_and_what_is_required_and_unsaid_is_missing() -> None:
    tool = a_tool(
        "service-restart",
        inputs=object_schema(
            "path",
            host={"type": "string", "x-entity": "host"},
            service={"type": "string", "x-entity": "service"},
            path={"type": "string", "x-entity": "file_path"},
        ),
    )
    assert filled(tool, "restart billing", ("service", "billing")).inputs == {"service": "billing"}
    assert filled(tool, "restart it on app-01", ("host", "app-01")).missing == ("service",)
    assert filled(tool, "", ("file_path", "/var"), service="billing").inputs == {"service": "billing", "path": "/var"}


def test_a_list_takes_all_and_an_enum_only_its_own() -> None:
    tool = a_tool(
        "check",
        targets_input="",
        inputs=object_schema(
            *("ports", "environment"),
            ports={"type": "array", "items": {"type": "integer"}, "x-entity": "port"},
            environment={"type": "string", "enum": ["Staging"]},
        ),
    )
    found = filled(tool, "80 and 443 in staging", ("port", "80"), ("port", "443"), ("environment", "staging"))
    assert found.inputs == {"ports": [80, 443], "environment": "Staging"}
    assert filled(tool, "in production", ("environment", "production")).inputs == {}


def test_a_duration_is_in_whole_seconds() -> None:
    tool = a_tool("wait", targets_input="", inputs=object_schema(seconds={"type": "integer", "x-entity": "duration"}))
    assert filled(tool, "for two minutes", ("duration", "120")).inputs == {"seconds": 120}
    assert filled(tool, "for a while").missing == ("seconds",)


def test_a_schema_without_properties_is_filled_with_nothing() -> None:
    assert filled(a_tool("plain", inputs={"type": "object"}), "go", ("service", "billing")).inputs == {}
