"""All invariants in their order, and their check."""

from collections.abc import Callable, Iterator

from opsconductor.testing.invariants import effects, promises, words
from opsconductor.testing.invariants.evidence import Evidence, Violation

INVARIANTS: tuple[Callable[[Evidence], Iterator[Violation]], ...] = (
    promises.i1_every_acknowledged_promise_is_stored,
    effects.i2_an_effect_happens_at_most_once,
    effects.i3_the_record_says_what_the_world_did,
    promises.i4_everything_ends_and_is_told,
    effects.i5_each_effect_was_approved,
    words.i6_nobody_sees_what_is_another_tenants,
    effects.i7_the_chain_is_whole_and_each_intent_comes_first,
    promises.i8_after_an_acknowledged_cancel_no_step_starts,
    promises.i9_event_numbers_rise_without_gaps,
    promises.i10_a_key_stands_for_one_body_and_one_execution,
    words.i11_no_planted_secret_is_anywhere,
    words.i12_hostile_input_does_no_harm,
    words.i13_every_store_gives_the_same_transcript,
    words.i14_done_is_only_said_of_what_succeeded,
)


def check(evidence: Evidence) -> tuple[Violation, ...]:
    """Every violation, in the order of the invariants; empty when all hold."""
    return tuple(violation for invariant in INVARIANTS for violation in invariant(evidence))
