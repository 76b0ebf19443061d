"""Ids of results beside the steps of a plan: `step_1.undo` takes step_1 back, `step_1.verify` looks at a part of it."""

UNDO = ".undo"
VERIFY = ".verify"


def undoes(step_id: str) -> bool:
    """Whether a result of that step is one of taking something back."""
    return step_id.endswith(UNDO)


def verifies(step_id: str) -> bool:
    """Whether a result of that step is one of looking whether a part of a rollout is well."""
    return step_id.endswith(VERIFY)


def planned_id(step_id: str) -> str:
    """The step of the plan that an undo or a verification belongs to; of any other step, itself."""
    return step_id.removesuffix(UNDO).removesuffix(VERIFY)
