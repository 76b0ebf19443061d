"""What is built says what the files say."""

from opsconductor.adapters.catalogue.files.building import build
from opsconductor.adapters.catalogue.files.engine import kept_of
from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel
from opsconductor.domain.customer import Scope
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.rules import RelationKind, Relationship, RuleEffect
from opsconductor.domain.scenarios import StepKind
from tests.unit.adapters.catalogue.files.conftest import SmallPack


def built(pack: SmallPack) -> Catalogue:
    kept = kept_of(pack.check())
    return build(kept.declaration, kept.digest, kept.tool_digests, kept.places)


def test_agent_and_tools(pack: SmallPack) -> None:
    pack.write("agent.yaml", pack.files["agent.yaml"] + "settings: {act_confidence: 0.7, clarify_rounds: 3}\n")
    catalogue = built(pack)
    assert (catalogue.pack, catalogue.version, catalogue.agent.agent_id) == ("small", "1.10", "ops")
    assert catalogue.agent.settings == {"act_confidence": 0.7, "clarify_rounds": 3}
    look, clean = catalogue.tools["disk-look"], catalogue.tools["disk-clean"]
    assert (look.effect, look.risk, look.connector) == (Effect.READ, RiskLevel.LOW, "ssh")
    assert look.run.argv == ("df", {"input": "path"})
    assert (look.estimate_s, look.targets_input, look.max_targets) == (0.5, "host", 5)
    assert look.output["used"] == {"type": "integer", "unit": "percent"}
    assert look.success[0].expression == "output.used <= 100"
    assert look.source == "tools/disk-look.yaml:1"
    assert look.probe is None
    assert clean.probe is not None
    assert (clean.probe.settle_s, clean.probe.run.argv) == (1.5, ("df",))
    assert look.digest.startswith("sha256:")
    assert look.digest != clean.digest


def test_everything_the_lanes_retrieve(pack: SmallPack) -> None:
    catalogue = built(pack)
    deny, say = catalogue.rules
    assert (deny.effect, deny.hard) == (RuleEffect.DENY, True)
    assert say.relations == (Relationship(source="R-say", kind=RelationKind.DEPENDS_ON, target="R-deny"),)
    (scenario,) = catalogue.scenarios
    assert [step.kind for step in scenario.steps] == [StepKind.QUESTION, StepKind.ACTION, StepKind.LOGIC]
    assert scenario.steps[1].binding is not None
    assert scenario.steps[1].binding.variables == {"host": "host", "path": "file_path"}
    assert scenario.steps[2].transitions[0].priority == 1
    assert [(intent.label, intent.mode) for intent in catalogue.intents][1] == ("automation/clean", Mode.ACT)
    assert catalogue.glossary[0].replace_with == "host"
    assert (catalogue.customer_fields[0].scope, catalogue.customer_fields[0].persist) == (Scope.SESSION, False)
    assert catalogue.out_of_scope == ("delete {host}",)


def test_a_digest_changes_with_the_meaning_and_only_with_it(pack: SmallPack) -> None:
    first = built(pack)
    pack.write("tools/disk-look.yaml", "# a remark\n\n" + pack.files["tools/disk-look.yaml"])
    moved = built(pack)
    assert moved.digest == first.digest
    assert moved.tools["disk-look"].digest == first.tools["disk-look"].digest
    assert moved.tools["disk-look"].source == "tools/disk-look.yaml:3"
    pack.edit("tools/disk-look.yaml", "output.used <= 100", "output.used <= 99")
    changed = built(pack)
    assert changed.digest != first.digest
    assert changed.tools["disk-look"].digest != first.tools["disk-look"].digest
    assert changed.tools["disk-clean"].digest == first.tools["disk-clean"].digest
