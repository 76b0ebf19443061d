"""How a planned step goes about its targets and about failure, in a sentence or two for the person who decides."""

from opsconductor.domain.plan import PlanStep
from opsconductor.domain.response import Evidence


def rollout_facts(step: PlanStep, index: int) -> tuple[str, tuple[Evidence, ...]]:
    """The words, empty for a step that does nothing special; `index` is the step's place in the plan."""
    sentences = [*_parts(step), *_after(step)]
    numbers = {
        f"steps.{index}.{name}": value
        for name, value in (("batch", step.batch), ("retries", step.retries))
        if value and any(str(value) in sentence.split() for sentence in sentences)
    }
    evidence = tuple(Evidence(claim=str(value), step="plan", path=path, value=value) for path, value in numbers.items())
    return " ".join(sentences), evidence


def _parts(step: PlanStep) -> list[str]:
    names = [target.name for target in step.targets]
    rest = f"then {step.batch} at a time" if step.batch else "then the rest"
    if step.canary:
        return [f"First {' and '.join(names[: step.canary])} alone, {rest}."]
    return [f"At most {step.batch} at a time."] if step.batch else []


def _after(step: PlanStep) -> list[str]:
    sentences = []
    if step.retries:
        sentences.append(f"Tried again up to {step.retries} times when it fails.")
    if step.verify:
        whom = "each part" if len(step.targets) > 1 else "it"
        sentences.append(f"After that {step.verify} looks whether {whom} is well.")
    if step.on_failure == "undo" and step.undo:
        sentences.append(f"When something fails, {step.undo} takes back what was changed.")
    elif step.on_failure == "continue":
        sentences.append("When something fails, the others still go on.")
    return sentences
