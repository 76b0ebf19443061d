from opsconductor.domain.customer import MaskedField, Scope
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.variables import VariableReader

MASK = {
    "team": MaskedField(
        scope=Scope.BUSINESS, type="string", exists=True, examples=("my team is {value}", "I work in the {value} team")
    ),
    "preferred_environment": MaskedField(
        scope=Scope.SESSION, type="string", exists=False, examples=("I prefer {value}",)
    ),
    "silent": MaskedField(scope=Scope.CASE, type="string", exists=False, examples=("no placeholder",)),
}


def read(text: str) -> list[tuple[str, str, Scope, bool]]:
    return [(one.key, one.value_text, one.scope, one.is_update) for one in VariableReader(MASK).read(Said(text))]


def test_an_example_finds_its_value_with_scope_and_whether_one_exists() -> None:
    assert read("By the way, My team is Platform Ops.") == [("team", "Platform Ops", Scope.BUSINESS, True)]
    assert read("I work in the data team") == [("team", "data", Scope.BUSINESS, True)]


def test_several_fields_in_one_message() -> None:
    found = read('my team is "blue" and I prefer staging; restart billing')
    assert [(key, value) for key, value, *_ in found] == [("team", "blue"), ("preferred_environment", "staging")]


def test_a_value_ends_with_its_statement() -> None:
    assert [value for _, value, *_ in read("my team is SRE, please restart billing")] == ["SRE"]
    assert [value for _, value, *_ in read("my team is SRE and please restart billing")] == ["SRE"]
    assert [value for _, value, *_ in read("my team is v1.5. restart billing")] == ["v1.5"]


def test_nothing_said_nothing_found() -> None:
    assert read("restart billing on app-01") == []
    assert read("my team is") == []
