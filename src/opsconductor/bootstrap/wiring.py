"""Puts the phases and stages together over opened engines."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.catalogue.files import default_pack, open_catalogues
from opsconductor.adapters.connector.network import NetworkConnector
from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.intent_model.trained import open_intent_models
from opsconductor.adapters.lanes.hybrid import open_lanes
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.bootstrap.engine import Overrides
from opsconductor.phases.p01_identify.identify import Identify
from opsconductor.phases.p02_sense import Sense
from opsconductor.phases.p03_update_customer import UpdateCustomer
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.phases.p05_select_rules import SelectRules
from opsconductor.phases.p06_orchestrate import Orchestrate
from opsconductor.phases.p07_execute_tools.answer_approval import AnswerApproval
from opsconductor.phases.p07_execute_tools.ask_approval import AskApproval
from opsconductor.phases.p07_execute_tools.execute_tools import ExecuteTools
from opsconductor.phases.p07_execute_tools.explain_call import ExplainCall
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.phases.p07_execute_tools.plan_undo import PlanUndo
from opsconductor.phases.p08_plan_response import PlanResponse
from opsconductor.phases.p09_generate import Generate
from opsconductor.phases.p10_enforce.enforce import Enforce
from opsconductor.phases.p11_persist.persist import Persist
from opsconductor.pipeline import Phases
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock
from opsconductor.ports.connector import Connector
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.failpoints import NoFailpoints
from opsconductor.ports.ids import Ids
from opsconductor.ports.intent_model import IntentModels
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.lanes import LaneRerankers
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.ports.telemetry import FaultReporter
from opsconductor.settings import Settings
from opsconductor.stages.a_classify.classify import Classify
from opsconductor.stages.b_select.select import Select
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.d_answer.answer import Answer
from opsconductor.stages.e_execute.approval_manager import ApprovalManager
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.stages.e_execute.approvals.standing_rights import StandingRights
from opsconductor.stages.e_execute.approvals.undo_order import UndoOrders
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.settling.recovery import Recovery
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.dry_run import DryRun
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.stages.e_execute.steps.probing import Prober

LAB_KEY = "lab-ssh-key"


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What the phases are made from."""

    settings: Settings
    chosen: Overrides
    clock: Clock
    ids: Ids
    processes: Processes
    storage: Storage
    inventory: Inventory
    http: Connector
    faults: FaultReporter

    async def phases(
        self, stack: AsyncExitStack
    ) -> tuple[Phases, Recovery, Catalogues, Authorizer, ExplainCall, DryRun]:
        """The eleven phases with their stages, and what else stands on the same parts."""
        expressions, schemas, authorizer = open_expressions(), JsonSchemas(), CedarAuthorizer()
        cache = self.settings.home / "cache"
        catalogues = open_catalogues(self.settings.pack or default_pack(), cache, self.clock, expressions, schemas)
        embedder = await self._embedder(stack)
        lanes = await stack.enter_async_context(open_lanes(embedder, self.storage, cache))
        models = await self._models(stack, embedder)
        approvals = ApprovalManager(self.storage, self.inventory, authorizer, self.processes, self.clock, self.ids)
        calls = self._calls()
        prober = Prober(calls, expressions, self.clock)
        journal = StepJournalWriter(self.storage, self.clock)
        failpoints = self.chosen.failpoints or NoFailpoints()
        rights = StandingRights(self.storage, authorizer)
        steps = ExecutionEngine(calls, self.inventory, expressions, journal, prober, self.clock, failpoints, rights)
        executor = Executor(steps, self.storage, self.clock, failpoints)
        recovery = Recovery(self.storage, self.inventory, prober, journal, executor, self.processes, self.clock)
        memory, dry_run = InProcessSessionMemory(), DryRun(calls, self.inventory)
        plan, gate = Plan(self.inventory, expressions), Gate(authorizer, expressions)
        phases = Phases(
            identify=Identify(self.storage, catalogues, memory, self.processes, self.clock, self.ids),
            sense=Sense(self.inventory, self.clock),
            update_customer=UpdateCustomer(self.inventory, self.clock, schemas),
            retrieve=Retrieve(
                embedder,
                self.chosen.lanes(lanes) if self.chosen.lanes else lanes,
                self.chosen.rerankers or LaneRerankers(),
            ),
            select_rules=SelectRules(expressions),
            orchestrate=Orchestrate(self.ids),
            execute_tools=ExecuteTools(
                Classify(models, self.ids),
                Select(self.ids, schemas, self.inventory),
                plan,
                gate,
                approvals,
                AskApproval(self.storage, authorizer, approvals, self.clock),
                AnswerApproval(
                    approvals, PlanEditor(self.storage, self.inventory, schemas, approvals, self.clock), gate, plan
                ),
                executor,
                recovery,
                dry_run,
                PlanUndo(UndoOrders(self.storage, self.inventory, prober), self.storage, self.ids),
                self.faults,
            ),
            plan_response=PlanResponse(expressions),
            generate=Generate(Answer(), self.chosen.wording),
            enforce=Enforce(expressions),
            persist=Persist(self.storage, memory, self.processes, self.clock, self.ids),
            faults=self.faults,
        )
        explain = ExplainCall(plan, gate, schemas, self.inventory, self.storage)
        return phases, recovery, catalogues, authorizer, explain, dry_run

    async def _embedder(self, stack: AsyncExitStack) -> Embedder:
        if self.chosen.embedder is not None:
            return self.chosen.embedder
        return await stack.enter_async_context(open_embedder())

    async def _models(self, stack: AsyncExitStack, embedder: Embedder) -> IntentModels:
        if self.chosen.intent_models is not None:
            return self.chosen.intent_models
        return await stack.enter_async_context(open_intent_models(embedder, self.settings.home / "cache"))

    def _calls(self) -> ToolCalls:
        keys = self.settings.home / "keys"
        vault = FileSecrets(keys, {LAB_KEY: self.settings.home / "lab" / "keys" / "client"})
        usual: Mapping[str, Connector] = {
            "http": self.http,
            "ssh": SshConnector(vault),
            "network": NetworkConnector(),
        }
        return ToolCalls(self.chosen.connectors(usual) if self.chosen.connectors else usual, vault)
