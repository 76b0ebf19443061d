"""One turn, P1 to P11 in order. What a phase needs is an argument that only an earlier phase returns."""

from dataclasses import dataclass, field, replace

from opsconductor.domain.errors import Conflict, OpsConductorError
from opsconductor.domain.identity import Identity
from opsconductor.domain.response import Draft, EnforcementResult, FactsBlock, ResponsePlan, ResponseType, ResponseV1
from opsconductor.domain.retrieval import EMPTY_RETRIEVAL, RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import AcceptedTurn, CustomerUpdate, ToolPhaseResult, TurnContext, TurnInput, TurnReply
from opsconductor.phases.p01_identify.identify import Identify
from opsconductor.phases.p02_sense import Sense
from opsconductor.phases.p03_update_customer import UpdateCustomer
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.phases.p05_select_rules import SelectRules
from opsconductor.phases.p06_orchestrate import Orchestrate
from opsconductor.phases.p07_execute_tools.execute_tools import ExecuteTools
from opsconductor.phases.p08_plan_response import PlanResponse, kind_of
from opsconductor.phases.p09_generate import Generate, plain_message
from opsconductor.phases.p10_enforce.enforce import Enforce, plain_response, withheld
from opsconductor.phases.p11_persist.persist import Persist
from opsconductor.ports.storage import Storage
from opsconductor.ports.telemetry import FaultReporter, TurnTrace
from opsconductor.stages.e_execute.settling.recovery import Recovery


@dataclass(frozen=True, kw_only=True)
class Phases:
    """The eleven phases of one engine, wired by bootstrap."""

    identify: Identify
    sense: Sense
    update_customer: UpdateCustomer
    retrieve: Retrieve
    select_rules: SelectRules
    orchestrate: Orchestrate
    execute_tools: ExecuteTools
    plan_response: PlanResponse
    generate: Generate
    enforce: Enforce
    persist: Persist
    faults: FaultReporter


@dataclass(frozen=True, kw_only=True)
class Acted:
    """What P2 to P7 made of a turn: understood, allowed and executed."""

    customer: CustomerUpdate
    executed: ToolPhaseResult
    retrieved: RetrievalResults = EMPTY_RETRIEVAL
    rules: SelectedRules = field(default_factory=SelectedRules)
    orchestration: Orchestration = field(default_factory=Orchestration)


async def run_turn(turn: TurnInput, phases: Phases, trace: TurnTrace) -> TurnReply:
    """Carry one turn the whole way. Raises what P1 raises before acceptance, and P11 when it cannot store."""
    with trace.phase("p01_identify"):
        context = await phases.identify.run(turn, trace)
    with phases.identify.holding_session(context):
        try:
            acted = await act(context, phases, trace)
        except OpsConductorError as error:
            acted = _stopped(context, error.code, error.message)
        except Exception as fault:  # round the phases: whatever breaks before a run is told and reported; none began
            reference = phases.faults.report(fault, turn.turn_id)
            acted = _stopped(context, "internal.fault", f"Something broke in here (reference {reference}).")
        response = await respond_surely(context, acted, phases, trace)
        try:
            return await store(context, acted, response, phases, trace)
        except Conflict as error:
            if error.code != "execution.duplicate":
                raise
        # Somebody gave the same order while this turn planned it: what there is of that one is told instead.
        executed = await phases.execute_tools.same_order(context, acted.executed)
        acted = replace(acted, executed=executed)
        return await store(context, acted, await respond_surely(context, acted, phases, trace), phases, trace)


async def act(context: TurnContext, phases: Phases, trace: TurnTrace) -> Acted:
    """P2 to P7."""
    turn, session = context.input, context.session
    with trace.phase("p02_sense"):
        snapshot = await phases.sense.run(
            tenant=context.tenant,
            trigger=turn.trigger,
            message=turn.message,
            mask=context.mask,
            glossary=context.glossary,
            previous=session.last_entities,
            pending=session.pending_question,
            pending_request=session.pending_request,
        )
    with trace.phase("p03_update_customer"):
        customer = await phases.update_customer.run(context, snapshot)
    with trace.phase("p04_retrieve"):
        retrieved = await phases.retrieve.execute_retrieval_phase(context, snapshot, customer, trace)
    with trace.phase("p05_select_rules"):
        rules = await phases.select_rules.run(context, customer, retrieved)
    with trace.phase("p06_orchestrate"):
        orchestration = await phases.orchestrate.run(context, snapshot, customer, rules, retrieved)
    with trace.phase("p07_execute_tools"):
        executed = await phases.execute_tools.run(context, snapshot, customer, retrieved, rules, orchestration, trace)
    return Acted(customer=customer, retrieved=retrieved, rules=rules, orchestration=orchestration, executed=executed)


async def respond(context: TurnContext, acted: Acted, phases: Phases, trace: TurnTrace) -> ResponseV1:
    """P8 to P10."""
    with trace.phase("p08_plan_response"):
        plan = await phases.plan_response.run(
            context, acted.customer, acted.retrieved, acted.rules, acted.orchestration, acted.executed
        )
    with trace.phase("p09_generate"):
        draft = await phases.generate.run(context, plan, acted.executed)
    with trace.phase("p10_enforce"):
        return await enforce_with_rewrites(context, plan, draft, acted.executed, acted.rules, phases)


async def respond_surely(context: TurnContext, acted: Acted, phases: Phases, trace: TurnTrace) -> ResponseV1:
    """P8 to P10; when they break, only what the kind of the outcome itself says. What was executed is never lost."""
    try:
        return await respond(context, acted, phases, trace)
    except Exception as fault:  # round the phases
        phases.faults.report(fault, context.input.turn_id)
    plan = ResponsePlan(type=ResponseType.ANSWER, kind=kind_of(acted.executed))
    message = acted.executed.refusal or withheld(plan)
    draft = Draft(message=message, block=FactsBlock(facts=(message,)), attempt=1, worded_by="kind")
    return plain_response(plan, draft, EnforcementResult(passed=True), 0, message=message)


async def enforce_with_rewrites(
    context: TurnContext,
    plan: ResponsePlan,
    draft: Draft,
    executed: ToolPhaseResult,
    rules: SelectedRules,
    phases: Phases,
) -> ResponseV1:
    """At most two rewrites by P9, then the plain facts, and at last only what the kind of reply itself says."""
    verdict = await phases.enforce.run(context, plan, draft, executed, rules)
    first = verdict
    while verdict.can_retry:
        draft = await phases.generate.run(context, plan, executed, hints=verdict.hints, attempt=draft.attempt + 1)
        verdict = await phases.enforce.run(context, plan, draft, executed, rules)
    rewrites = draft.attempt - 1
    if verdict.passed:
        return plain_response(plan, draft, first, rewrites, message=draft.message)
    plain = Draft(
        message=plain_message(draft.block, plan), block=draft.block, attempt=draft.attempt, worded_by="template"
    )
    verdict = await phases.enforce.run(context, plan, plain, executed, rules)
    message = plain.message if verdict.passed else withheld(plan)
    return plain_response(plan, plain, first if verdict.passed else verdict, rewrites, message=message)


def _stopped(context: TurnContext, code: str, words: str) -> Acted:
    """A turn that broke off before anything ran."""
    return Acted(
        customer=CustomerUpdate(customer_data=context.customer_data),
        orchestration=Orchestration(instances=context.session.scenarios),
        executed=ToolPhaseResult(refusal_code=code, refusal=words),
    )


async def close_interrupted(
    accepted: AcceptedTurn, identity: Identity, phases: Phases, recovery: Recovery, storage: Storage, trace: TurnTrace
) -> TurnReply:
    """Close a turn that a dead process left open: what it was doing is settled by its journal, then P8 to P11."""
    turn = TurnInput(
        turn_id=accepted.turn_id,
        identity=identity,
        channel=accepted.channel,
        trigger=accepted.trigger,
        message=accepted.message,
        session_id=accepted.session_id,
        turn_group=accepted.turn_group,
        received_at=accepted.received_at,
    )
    with trace.phase("p01_identify"):
        context = await phases.identify.resume(turn, trace)
    with phases.identify.holding_session(context):
        with trace.phase("p07_execute_tools"):
            executed = await recovery.settle_turn(accepted, context.catalogue, storage)
        acted = Acted(
            customer=CustomerUpdate(customer_data=context.customer_data),
            orchestration=Orchestration(instances=context.session.scenarios),
            executed=executed,
        )
        response = await respond_surely(context, acted, phases, trace)
        return await store(context, acted, response, phases, trace)


async def store(
    context: TurnContext, acted: Acted, response: ResponseV1, phases: Phases, trace: TurnTrace
) -> TurnReply:
    """P11."""
    with trace.phase("p11_persist"):
        return await phases.persist.run(
            context,
            acted.customer,
            acted.retrieved,
            acted.rules,
            acted.orchestration,
            acted.executed,
            response,
            trace,
        )
