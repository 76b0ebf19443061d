"""Sentences for replies that no execution stands behind: refusals, questions, decisions, help."""

from collections.abc import Mapping

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.json_value import Json
from opsconductor.domain.response import Evidence, FactsBlock

OUT_OF_SCOPE = "That is outside what I can do here, so nothing was run."
MAY_HAVE_RUN = frozenset({"execution.unknown_outcome", "internal.fault"})
"""Codes of runs that broke off: of them nobody may say that nothing was run."""


def refusal_facts(code: str, words: str) -> FactsBlock:
    """Why nothing was run. The words come from the engine or the pack, never from a model."""
    text = words or OUT_OF_SCOPE
    if "nothing was run" not in text.lower() and code not in MAY_HAVE_RUN:
        text = f"{text.rstrip('.')}. Nothing was run."
    return _whole(text, step="gate", path=f"refusal.{code}")


def question_facts(question: str, options: tuple[str, ...]) -> FactsBlock:
    """A question back with its choices."""
    lines = [question, *(f"{number}. {option}" for number, option in enumerate(options, start=1))]
    return _whole("\n".join(lines), step="decision", path="clarification")


def decision_facts(approval: Approval) -> FactsBlock:
    """What became of an approval that did not lead to a run."""
    decided = approval.decisions[-1] if approval.decisions else None
    because = f" Reason: {decided.reason.rstrip('.')}." if decided is not None and decided.reason else ""
    if approval.state is ApprovalState.REJECTED and decided is not None:
        text = f"The plan was rejected by {decided.who_name}, so nothing was run.{because}"
    elif approval.state is ApprovalState.CHANGES_REQUESTED and decided is not None:
        text = (
            f"{decided.who_name} asked for changes of this plan, so nothing has been run.{because} "
            "Whoever asked for the plan changes it with: "
            f"opsconductor approvals edit {approval.approval_id} --set STEP.INPUT=VALUE."
        )
    elif approval.state is ApprovalState.PENDING:
        text = f"Nothing has been run yet. Approval {approval.approval_id}, plan {approval.plan_hash}."
    else:
        text = f"The approval is {approval.state.value}, so nothing was run."
    return _whole(text, step="approval", path="state")


def with_told(block: FactsBlock, told: str) -> FactsBlock:
    """The facts, and what is told of the approval beside them."""
    if not told:
        return block
    return together(block, _whole(told, step="approval", path="told"))


def together(first: FactsBlock, second: FactsBlock) -> FactsBlock:
    """The facts of both, in this order."""
    return FactsBlock(facts=(*first.facts, *second.facts), evidence=(*first.evidence, *second.evidence))


def info_facts(info: Mapping[str, Json]) -> FactsBlock:
    """What the catalogue or memory says; `{tools}` and `{memories}` in the intent's answer stand for lists."""
    template = str(info.get("answer") or "{tools}")
    tools = info.get("tools")
    memories = info.get("memories")
    text = template.replace("{tools}", _tool_lines(tools)).replace("{memories}", _memory_lines(memories))
    return _whole(text, step="catalogue", path=str(info.get("intent", "")))


def _tool_lines(tools: Json) -> str:
    if not isinstance(tools, (list, tuple)) or not tools:
        return "No tools are installed."
    return "\n".join(f"- {tool['name']}: {tool['description']}" for tool in tools if isinstance(tool, Mapping))


def _memory_lines(memories: Json) -> str:
    if not isinstance(memories, (list, tuple)) or not memories:
        return "I have no record of that."
    return "\n".join(f"- {memory}" for memory in memories[:10])


def _whole(text: str, *, step: str, path: str) -> FactsBlock:
    return FactsBlock(facts=(text,), evidence=(Evidence(claim=text, step=step, path=path, value=text),))
