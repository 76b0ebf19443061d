"""Everything that could change what runs is part of the hashed content."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsconductor.domain.plan import (
    ApprovalEnvelope,
    PlannedTarget,
    PlanStep,
    envelope_content,
    hashed_step,
    plan_content,
)
from opsconductor.ports.canonical import digest

STEP = PlanStep(
    step_id="step_1",
    description="Restart a service",
    tool="service-restart",
    tool_digest="sha256:1",
    inputs={"service": "billing"},
    targets=(PlannedTarget(asset_id="asset_1", name="app-01"),),
    timeout_ms=8000,
    effect="idempotent",
    risk="medium",
    credential_ref="lab-ssh-key",
)
ENVELOPE = ApprovalEnvelope(
    version=2,
    tenant="default",
    execution_id="exec_1",
    requester="idn_1",
    plan_digest="sha256:2",
    steps=(hashed_step(STEP),),
    risk="medium",
    approval_level=1,
    policy_digest="sha256:3",
    catalogue_digest="sha256:4",
    inventory_revision=7,
    expires_at="2026-01-01T00:00:00.000Z",
    nonce="nonce_1",
)


WORDS_AND_ESTIMATES = {"description", "estimate_ms"}
"""What a step says of itself, and is not run by."""


def _other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, tuple):
        return (*value, value[0]) if value else ("step_0",)
    assert isinstance(value, dict)
    return {**value, "other": "x"}


@pytest.mark.parametrize("name", [field.name for field in fields(PlanStep)])
def test_every_field_of_a_step_but_its_words_is_bound(name: str) -> None:
    value = getattr(STEP, name)
    other: Any = (replace(STEP.targets[0], asset_id="asset_2"),) if name == "targets" else _other(value)
    changed = replace(STEP, **{name: other})
    bound = digest(plan_content((changed,))) != digest(plan_content((STEP,)))
    assert bound is (name not in WORDS_AND_ESTIMATES)


@pytest.mark.parametrize(
    "change",
    [
        {"targets": ()},
        {"targets": STEP.targets * 2},
        {"targets": (replace(STEP.targets[0], reach="elsewhere"),)},
        {"inputs": {"service": "storefront"}},
        {"undo_inputs": {"version": {"before": "version"}}},
        {"request": {"argv": ["rm", "-rf"], "weight": 0.5}},
    ],
)
def test_a_changed_step_has_another_digest(change: dict[str, Any]) -> None:
    changed = replace(STEP, **change)
    assert digest(plan_content((changed,))) != digest(plan_content((STEP,)))


@pytest.mark.parametrize("name", [field.name for field in fields(ApprovalEnvelope)])
def test_every_field_of_the_envelope_is_bound(name: str) -> None:
    changed = replace(ENVELOPE, **{name: _other(getattr(ENVELOPE, name))})
    assert digest(envelope_content(changed)) != digest(envelope_content(ENVELOPE))


@given(st.data())
def test_any_one_change_anywhere_in_the_hashed_content_changes_the_hash(data: st.DataObject) -> None:
    content = envelope_content(ENVELOPE)
    places = list(_leaves(content))
    path = data.draw(st.sampled_from(places))
    value = _at(content, path)
    other = data.draw(st.one_of(st.text("abc:-", max_size=5), st.integers(-9, 9), st.booleans(), st.none()))
    assume(other != value or type(other) is not type(value))
    assert digest(_put(content, path, other)) != digest(content)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    empty = True
    for key, item in items:
        empty = False
        yield from _leaves(item, (*path, key))
    if empty:
        yield path


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _put(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _put(copied[path[0]], path[1:], other)
    return copied
