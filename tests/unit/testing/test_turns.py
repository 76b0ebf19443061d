from opsconductor.testing.turns import a_context, a_host, a_snapshot, a_tool, a_word, an_update, object_schema


def test_the_parts_of_a_turn_fit_together() -> None:
    text = "restart billing on app-01"
    host = a_host("app-01", text, environment="production")
    assert text[host.start : host.end] == host.text == "app-01"
    assert host.asset_id == "asset_app-01"
    assert an_update(host).facets["environment"] == ("production",)
    service = a_word("service", "billing", text)
    assert text[service.start : service.end] == "billing"
    assert a_snapshot(text).masked_text == text
    assert a_context(text, settings={"clarify_rounds": 1}).configuration["clarify_rounds"].value == 1


def test_a_tool_asks_for_what_its_schema_requires() -> None:
    assert a_tool("disk-usage").inputs["required"] == ["host"]
    assert object_schema("path", host={}, path={})["required"] == ["host"]
