"""Stage E over a real store, real rights and real expressions, with a scripted world behind the connector."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.execution import Closing, Execution, ExecutionStatus, StepError
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.domain.turn import TurnContext
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.connector import Connector
from opsconductor.ports.failpoints import Failpoints, NoFailpoints
from opsconductor.ports.processes import Processes
from opsconductor.ports.secrets import Secrets
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approval_manager import ApprovalManager
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.stages.e_execute.settling.recovery import Recovery
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.stages.e_execute.steps.probing import Prober
from opsconductor.stages.e_execute.steps.run_context import RightsCheck, RunContext
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.doubles.storage.failing import FailingStorageDouble
from opsconductor.testing.executions import HOSTS, a_change, a_read
from opsconductor.testing.turns import a_context


@dataclass(frozen=True, kw_only=True)
class StageE:
    """Stage E over a real store, with a world behind the connector."""

    storage: Storage  # what the stage uses: the real one, or a wrapper that fails
    stored: Storage  # the real one
    connector: ScriptedConnectorDouble
    inventory: InMemoryInventoryDouble
    clock: MovingClockDouble
    ids: CountingIdsDouble
    processes: Processes
    catalogue: Catalogue
    approvals: ApprovalManager
    engine: ExecutionEngine
    executor: Executor
    recovery: Recovery
    prober: Prober
    journal: StepJournalWriter

    def context(self, **turn: Any) -> TurnContext:
        """A turn of the requester with this catalogue."""
        return a_context("restart billing", catalogue=self.catalogue, **turn)

    async def run(self, plan: PlanV1) -> Closing:
        """Run the plan as one that its approval has started."""
        closing = await self.executor.execute_plan(plan, None, await self.started(plan))
        assert isinstance(closing, Closing)
        return closing

    async def started(self, plan: PlanV1) -> RunContext:
        """The run of an execution that is stored as running, and claimed."""
        execution = self.approvals.mint(self.context(), plan, "immediate", ExecutionStatus.RUNNING)
        unit = self.stored.begin()
        unit.add_execution(execution)
        unit.claim_execution(execution.execution_id, execution.owner, LEASE_S, 0)
        await unit.commit()
        claimed = replace(execution, claim=1)
        return RunContext(execution=claimed, catalogue=self.catalogue, started=True, actor="id_1", approval_id="appr_1")

    async def commit(self, closing: Closing) -> None:
        """What P11 does with a closing."""
        unit = self.stored.begin()
        for result in closing.results:
            unit.record_result(closing.execution_id, result, result.attempts[-1].number, claim=closing.claim)
        for reference, body in closing.outputs.items():
            unit.keep_output("default", closing.execution_id, reference, body)
        unit.save_result(closing.execution_id, closing.result)
        unit.move_execution(closing.move, claim=closing.claim)
        await unit.commit()

    async def stored_execution(self, execution: Execution) -> Execution:
        """The execution as the store has it."""
        found = await self.stored.execution(execution.tenant, execution.execution_id)
        assert found is not None
        return found


class NoSecrets:
    """There is no credential at all."""

    async def get(self, tenant: str, reference: str) -> bytes:
        """See the port."""
        raise Unavailable("secret.missing", f"There is no credential {reference}.")


async def all_stand(run: RunContext, step: PlanStep) -> StepError | None:
    """Rights that nobody has withdrawn."""
    return None


@asynccontextmanager
async def open_stage_e(
    folder: Path,
    *tools: Tool,
    connector: ScriptedConnectorDouble | None = None,
    others: dict[str, Connector] | None = None,
    wrap: Callable[[Storage], FailingStorageDouble] | None = None,
    failpoints: Failpoints | None = None,
    authorizer: Authorizer | None = None,
    hosts: tuple[Asset, ...] = HOSTS,
    secrets: Secrets | None = None,
    rights: RightsCheck = all_stand,
    clock: MovingClockDouble | None = None,
) -> AsyncIterator[StageE]:
    """The stage with its store in `folder`; the store's clock is the moving one."""
    clock, ids = clock or MovingClockDouble(), CountingIdsDouble()
    world = connector or ScriptedConnectorDouble()
    connectors: dict[str, Connector] = {"ssh": world, **(others or {})}
    inventory = InMemoryInventoryDouble(hosts)
    expressions = open_expressions()
    catalogue = a_catalogue(tools={tool.name: tool for tool in tools or (a_change(), a_read())}, rules=())
    database = folder / "opsconductor.db"
    with open_processes(folder / "run") as processes:
        async with open_storage(database, HmacSeal(bytes(32)), lambda: int(clock.now().timestamp() * 1000)) as stored:
            storage: Storage = wrap(stored) if wrap is not None else stored
            calls = ToolCalls(connectors, secrets or NoSecrets())
            prober = Prober(calls, expressions, clock)
            journal = StepJournalWriter(storage, clock)
            places = failpoints or NoFailpoints()
            engine = ExecutionEngine(calls, inventory, expressions, journal, prober, clock, places, rights)
            executor = Executor(engine, storage, clock, places)
            yield StageE(
                storage=storage,
                stored=stored,
                connector=world,
                inventory=inventory,
                clock=clock,
                ids=ids,
                processes=processes,
                catalogue=catalogue,
                approvals=ApprovalManager(storage, inventory, authorizer or CedarAuthorizer(), processes, clock, ids),
                engine=engine,
                executor=executor,
                recovery=Recovery(storage, inventory, prober, journal, executor, processes, clock),
                prober=prober,
                journal=journal,
            )
