"""The facts block: one truthful sentence per result, rendered from stored values with their evidence."""

from collections.abc import Mapping
from dataclasses import replace

from opsconductor.domain.approvals import Approval
from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.claims import state_words
from opsconductor.domain.errors import InternalFault
from opsconductor.domain.execution import ExecutionResultV1, ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.domain.response import Evidence, FactsBlock
from opsconductor.stages.d_answer.inventory_answer import inventory_facts, is_inventory_answer
from opsconductor.stages.d_answer.rollout_words import rollout_facts
from opsconductor.stages.d_answer.template import render, worded
from opsconductor.stages.d_answer.told_steps import told_step

STATE_WORDS: Mapping[StepStatus, str] = {
    StepStatus.SUCCEEDED: "succeeded",
    StepStatus.FAILED: "failed",
    StepStatus.UNKNOWN: "is unknown",
    StepStatus.SKIPPED: "was not run",
    StepStatus.COMPENSATED: "was undone",
    StepStatus.INTENT: "is unknown",
    StepStatus.TODO: "was not run",
}


class Answer:
    """Stage D. Sees results; has no tools, no plan rights, no links."""

    def execution_facts(self, catalogue: Catalogue, plan: PlanV1, result: ExecutionResultV1) -> FactsBlock:
        """What each step came to, in plan order, looks and undos behind their step; then what was not predicted."""
        facts: list[str] = []
        evidence: list[Evidence] = []
        for step_result in result.step_results:
            step = told_step(plan, step_result, result.step_results, catalogue)
            if step is None:
                raise InternalFault("internal.fault", f"A result tells of {step_result.step_id}, which is no step.")
            said, shown = _step_facts(catalogue, step, step_result)
            facts.extend(said)
            evidence.extend(shown)
        differing = _differences(result)
        facts.extend(item.claim for item in differing)
        evidence.extend(differing)
        return FactsBlock(facts=tuple(facts), evidence=tuple(evidence))

    def plan_facts(self, catalogue: Catalogue, plan: PlanV1, approval: Approval) -> FactsBlock:
        """What would run, for the person who decides: steps, targets, duration, risk, hash."""
        seconds = f"{plan.estimate_s:g}"
        evidence = [
            Evidence(claim=seconds, step="plan", path="estimate_s", value=plan.estimate_s),
            Evidence(claim=plan.risk, step="plan", path="risk", value=plan.risk),
            Evidence(claim=str(approval.level), step="approval", path="level", value=approval.level),
            Evidence(claim=approval.plan_hash, step="approval", path="plan_hash", value=approval.plan_hash),
            Evidence(claim=approval.approval_id, step="approval", path="approval_id", value=approval.approval_id),
        ]
        lines = ["Nothing has been run yet. This plan waits for approval:"]
        for number, step in enumerate(plan.steps, start=1):
            names = [target.name for target in step.targets]
            label = _plan_label(catalogue.tools.get(step.tool), step, number - 1, ", ".join(names))
            evidence.extend(
                Evidence(claim=name, step="plan", path=f"steps.{number - 1}.targets.{index}.name", value=name)
                for index, name in enumerate(names)
            )
            evidence.append(Evidence(claim=step.tool, step="plan", path=f"steps.{number - 1}.tool", value=step.tool))
            shown = Evidence(claim=str(number), step="plan", path=f"steps.{number - 1}.step_id", value=step.step_id)
            evidence.append(shown)
            evidence.extend(label[1])
            about = f" ({label[0]})" if label[0] else ""
            where = f" on {', '.join(names)}" if names else ""
            lines.append(f"{number}. {step.tool}{about}{where}")
            how, shown_too = rollout_facts(step, number - 1)
            evidence.extend(shown_too)
            lines += [f"   {how}"] if how else []
        lines.append(f"Risk {plan.risk}, level {approval.level}, about {seconds} s.")
        lines.append(f"Approval {approval.approval_id}, plan {approval.plan_hash}.")
        return FactsBlock(facts=("\n".join(lines),), evidence=tuple(evidence))

    def step_facts(self, plan: PlanV1, approval: Approval) -> FactsBlock:
        """The one step of a plan under way that waits for a person's word."""
        number = next(place for place, step in enumerate(plan.steps) if step.step_id == approval.step_id)
        step = plan.steps[number]
        names = ", ".join(target.name for target in step.targets)
        where = f" on {names}" if names else ""
        text = (
            f"Step {number + 1} of {len(plan.steps)} waits to be confirmed: {step.tool}{where}. "
            f"Approval {approval.approval_id}, plan {approval.plan_hash}."
        )
        return FactsBlock(
            facts=(text,), evidence=(Evidence(claim=text, step="approval", path="step_id", value=step.step_id),)
        )


def _differences(result: ExecutionResultV1) -> tuple[Evidence, ...]:
    """Where what happened is not what was predicted, as the result says it; a run that waits is not compared yet."""
    told = result.plan_against_actual.get("differences")
    if result.status is ExecutionStatus.AWAITING_APPROVAL or not isinstance(told, list | tuple):
        return ()
    return tuple(
        Evidence(claim=str(words), step="execution", path=f"plan_against_actual.differences.{place}", value=words)
        for place, words in enumerate(told)
    )


def _step_facts(catalogue: Catalogue, step: PlanStep, result: StepResult) -> tuple[list[str], list[Evidence]]:
    tool = catalogue.tools.get(step.tool)
    where = f"{step.step_id}@{result.target}" if result.target else step.step_id
    if result.status is StepStatus.SUCCEEDED:
        answered = _success(catalogue, tool, step, result, where)
        if answered is not None:
            return answered
    label, evidence = _label(tool, step, result, where)
    subject = label or (f"{step.tool} on {result.target}" if result.target else step.tool)
    evidence = [*evidence, Evidence(claim=step.tool, step=where, path="tool", value=step.tool)]
    if result.target:
        evidence.append(Evidence(claim=result.target, step=where, path="target.name", value=result.target))
    state = STATE_WORDS[result.status]
    evidence.append(Evidence(claim=state, step=where, path="status", value=result.status.value))
    words = f"{subject}: {state}" if result.status is not StepStatus.UNKNOWN else f"{subject}: the outcome {state}"
    for path, detail in (("error.message", result.error.message if result.error else ""), ("note", result.note)):
        said_already = result.status is StepStatus.COMPENSATED and state in detail  # the undo tells the rest itself
        if detail and not said_already:
            evidence.append(Evidence(claim=detail, step=where, path=path, value=detail))
            words = f"{words}{'' if words.endswith('.') else '.'} {detail}"
    return [words if words.endswith(".") else f"{words}."], evidence


def _success(
    catalogue: Catalogue, tool: Tool | None, step: PlanStep, result: StepResult, where: str
) -> tuple[list[str], list[Evidence]] | None:
    """The tool's own answer; None when its template has no value to show."""
    output = result.output
    if isinstance(output, Mapping) and is_inventory_answer(output):
        nouns = catalogue.agent.settings.get("nouns")
        return inventory_facts(output, step.inputs, nouns if isinstance(nouns, Mapping) else {}, where)
    if tool is None or not tool.answer:
        return None
    rendered = render(tool.answer, _names(tool, step, result), where)
    if rendered.missing:
        return None
    states = [
        Evidence(claim=word, step=where, path="status", value=result.status.value)
        for word in state_words(rendered.text)
    ]
    return [rendered.text.strip()], [*rendered.evidence, *states]


def _names(tool: Tool, step: PlanStep, result: StepResult) -> dict[str, Json]:
    attempt = result.attempts[-1] if result.attempts else None
    return {
        "input": inputs_on(tool, step, result.target),
        "target": {"name": result.target},
        "output": result.output,
        "before": attempt.before if attempt is not None else None,
        "after": attempt.after if attempt is not None else None,
    }


def _label(tool: Tool | None, step: PlanStep, result: StepResult, where: str) -> tuple[str, list[Evidence]]:
    """What the step is about on this target, such as "billing on app-01"."""
    if tool is None or not tool.target_label:
        return "", []
    rendered = render(tool.target_label, _names(tool, step, result), where)
    return ("", []) if rendered.missing else (rendered.text, list(rendered.evidence))


def _plan_label(tool: Tool | None, step: PlanStep, index: int, targets: str) -> tuple[str, list[Evidence]]:
    """The same for a step that is only planned, over all its targets, with every argument that the label leaves out."""
    if tool is None:
        return "", []
    names: dict[str, Json] = {"input": inputs_on(tool, step, targets), "target": {"name": targets}}
    rendered = render(tool.target_label, names, "plan")
    own = [] if rendered.missing else [item for item in rendered.evidence if item.path.startswith("input.")]
    said = {item.path.removeprefix("input.") for item in own} | {tool.targets_input, *tool.redact}
    evidence = [replace(item, path=f"steps.{index}.inputs.{item.path[6:]}") for item in own if item.claim != targets]
    parts = [rendered.text] if rendered.text and not rendered.missing else []
    for name, value in step.inputs.items():
        if name not in said:
            shown = " ".join(worded(value, "").split())  # no argument may look like another line of the plan
            parts.append(f"{name} {shown}")
            evidence.append(Evidence(claim=shown, step="plan", path=f"steps.{index}.inputs.{name}", value=value))
            evidence.append(Evidence(claim=name, step="plan", path=f"steps.{index}.inputs", value=name))
    return ", ".join(parts), evidence


def inputs_on(tool: Tool, step: PlanStep, target: str) -> dict[str, Json]:
    """The inputs as a target's call had them: the one that names the target holds its name."""
    named = {tool.targets_input: target} if tool.targets_input and target else {}
    return {**step.inputs, **named}
