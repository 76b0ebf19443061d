"""Stage A: what one message wants, as a DecisionV1. It alone decides the intent; in doubt it asks, and not for ever."""

from dataclasses import dataclass, replace
from typing import Any

from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.decision import Clarification, DecisionV1, IntentGuess, confidence_level
from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import UNDO_INTENT, Intent, Mode
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.snapshot import ANSWERED_QUESTION, SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.ports.ids import Ids
from opsconductor.ports.intent_model import IntentModels, Prediction
from opsconductor.stages.a_classify.follow_up import continues, with_former
from opsconductor.stages.a_classify.guesses import alike, guesses
from opsconductor.stages.a_classify.orders import mistaken_for_a_question
from opsconductor.stages.a_classify.out_of_scope import OUT_OF_SCOPE
from opsconductor.stages.a_classify.questions import language_question, nothing_to_confirm, which_of
from opsconductor.stages.a_classify.risk_hints import risk_hints
from opsconductor.stages.a_classify.statements import only_states
from opsconductor.stages.a_classify.taking_back import takes_back, without_mistaken
from opsconductor.stages.a_classify.undo_orders import asks_to_undo
from opsconductor.stages.a_classify.versions_meant import versions_meant
from opsconductor.stages.a_classify.whole_groups import names_whole_group

ACT_CONFIDENCE, INFO_CONFIDENCE = 0.7, 0.5
CLOSE_INTENTS = 0.1
CLARIFY_ROUNDS = 2
CARRIED_CONFIDENCE = 0.8
_SHOWN_ALTERNATIVES = 3
_SHOWN_FROM = 0.02
_WITHDRAWING = {"cancel", "deny", "pause"}
_NAMES = {"host", "service"}


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What one run of the stage goes by."""

    context: TurnContext
    snapshot: SituationalSnapshot
    customer: CustomerUpdate
    entities: tuple[Entity, ...]
    decision_id: str

    def decision(
        self, confidence: float = 0.0, *, mode: Mode = Mode.CLARIFY, intent: IntentGuess | None = None, **said: Any
    ) -> DecisionV1:
        """The decision with what is `said`; its confidence is the intent's, or that of an entity that is less sure."""
        overall = min([confidence, *(entity.confidence for entity in self.entities)])
        return DecisionV1(
            decision_id=self.decision_id,
            mode=mode,
            intent=intent,
            entities=self.entities,
            overall_confidence=overall,
            confidence_level=confidence_level(overall),
            request=self.snapshot.text,
            risk_hints=risk_hints(self.snapshot.text, self.customer.facets.get("environment", ())),
            previous_intent=self.context.session.last_intent,
            **said,
        )

    def threshold(self, key: str, default: float) -> float:
        """A number of the agent's settings; anything that is not one leaves the default."""
        setting = self.context.configuration.get(key)
        value = setting.value if setting is not None else default
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


class Classify:
    """Decides mode, intent and confidence from the snapshot, the trained heads and the intent lane."""

    def __init__(self, models: IntentModels, ids: Ids) -> None:
        self._models = models
        self._ids = ids

    async def run(
        self,
        context: TurnContext,
        snapshot: SituationalSnapshot,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
    ) -> DecisionV1:
        """The decision on one message; raises `embedder.*` when the heads have to be trained and cannot."""
        answered = ANSWERED_QUESTION in snapshot.situation_facts
        back = takes_back(snapshot.masked_text)
        heard = _Heard(
            context=context,
            snapshot=snapshot,
            customer=customer,
            entities=versions_meant(snapshot.text, customer.entities, back=back, answered=answered),
            decision_id=self._ids.new("dec"),
        )
        if not snapshot.understood_language:
            return _ask(heard, language_question(snapshot.text))
        if asks_to_undo(snapshot.text):
            category, _, action = UNDO_INTENT.partition("/")
            guess = IntentGuess(category=category, action=action, confidence=1.0)
            return heard.decision(1.0, mode=Mode.ACT, intent=guess)
        if snapshot.signal in _WITHDRAWING and not answered:
            return heard.decision(ends_as="withdrawn")
        if snapshot.signal == "thanks" and not answered:
            return heard.decision(ends_as="thanked")
        if snapshot.signal == "confirm" and not answered:
            return _ask(heard, nothing_to_confirm(snapshot.text))
        if context.session.last_intent and continues(snapshot):
            return _carried(heard)
        if only_states(snapshot, context.fields):
            return heard.decision(ends_as="noted")
        model = await self._models.model_for(context.catalogue)
        prediction = model.predict(retrieved.embedding, snapshot.masked_text)
        intents = context.catalogue.intents
        ranked = without_mistaken(snapshot.masked_text, guesses(prediction, retrieved.intents, intents), intents)
        return _decide(heard, prediction, ranked)


def _carried(heard: _Heard) -> DecisionV1:
    """The intent of the turn before, about what this message names."""
    session = heard.context.session
    category, _, action = session.last_intent.partition("/")
    guess = IntentGuess(category=category, action=action, confidence=CARRIED_CONFIDENCE)
    entities = with_former(heard.customer.entities, session.last_entities)
    return _judge(replace(heard, entities=entities), (guess,))


def _decide(heard: _Heard, prediction: Prediction, ranked: tuple[IntentGuess, ...]) -> DecisionV1:
    if not ranked or not prediction.in_scope:
        if heard.snapshot.candidate_variables:
            return heard.decision(ends_as="noted")
        if ranked and _worth_asking(heard, prediction, ranked[0]):
            return _ask(heard, _which(heard, ranked), ranked)
        confidence = ranked[0].confidence if ranked else 0.0
        return heard.decision(confidence, out_of_scope=True, alternatives=_shown(ranked))
    margin = heard.threshold("close_intents", CLOSE_INTENTS)
    close = [guess for guess in ranked[1:2] if ranked[0].confidence - guess.confidence < margin]
    rivals = [guess for guess in close if _differ(heard.context.catalogue, ranked[0], guess)]
    decision = _judge(heard, ranked)
    if rivals and decision.clarification is None and not decision.ends_as:
        return _ask(heard, _which(heard, (ranked[0], *rivals)), ranked)
    return decision


def _worth_asking(heard: _Heard, prediction: Prediction, first: IntentGuess) -> bool:
    """Words unlike any example, of which the head is sure all the same: a question loses less than a refusal."""
    likely = prediction.ranked[0][0] != OUT_OF_SCOPE
    return likely and first.confidence >= heard.threshold("info_confidence", INFO_CONFIDENCE)


def _judge(heard: _Heard, ranked: tuple[IntentGuess, ...]) -> DecisionV1:
    """The first guess as the decision, if it is sure enough and its target is known; else a question."""
    first = ranked[0]
    intent = _declared(heard.context.catalogue, first)
    if intent is None or mistaken_for_a_question(heard.snapshot.text, intent):
        return heard.decision(out_of_scope=True, alternatives=_shown(ranked))
    sure = alike(first, ranked, heard.context.catalogue.intents)
    if sure < heard.threshold("info_confidence", INFO_CONFIDENCE):
        return _ask(heard, _which(heard, ranked), ranked)
    open_target = heard.customer.clarification
    if open_target is not None and _target_matters(heard, intent):
        return _ask(heard, open_target, ranked)
    if intent.mode is Mode.ACT and sure < heard.threshold("act_confidence", ACT_CONFIDENCE):
        return _ask(heard, _which(heard, ranked[:1]), ranked)
    return heard.decision(sure, mode=intent.mode, intent=first, alternatives=_shown(ranked[1:]))


def _ask(heard: _Heard, question: Clarification, ranked: tuple[IntentGuess, ...] = ()) -> DecisionV1:
    """Mode clarify with this question, or without one when enough has been asked already."""
    first = ranked[0] if ranked else None
    confidence = first.confidence if first is not None else 0.0
    enough = heard.context.session.clarify_rounds >= heard.threshold("clarify_rounds", CLARIFY_ROUNDS)
    outcome: dict[str, Any] = {"ends_as": "not_understood"} if enough else {"clarification": question}
    return heard.decision(confidence, intent=first, alternatives=_shown(ranked[1:]), **outcome)


def _shown(ranked: tuple[IntentGuess, ...]) -> tuple[IntentGuess, ...]:
    return tuple(guess for guess in ranked[:_SHOWN_ALTERNATIVES] if guess.confidence >= _SHOWN_FROM)


def _which(heard: _Heard, ranked: tuple[IntentGuess, ...]) -> Clarification:
    return which_of(heard.snapshot.text, ranked, heard.context.catalogue.intents, heard.customer.entities)


def _differ(catalogue: Catalogue, one: IntentGuess, other: IntentGuess) -> bool:
    """Whether it matters which of the two is meant: another mode, or other tools."""
    first, second = _declared(catalogue, one), _declared(catalogue, other)
    return first is not None and second is not None and (first.mode, first.tools) != (second.mode, second.tools)


def _declared(catalogue: Catalogue, guess: IntentGuess) -> Intent | None:
    return catalogue.intents_by_label.get(guess.label)


def _target_matters(heard: _Heard, intent: Intent) -> bool:
    """Whether the intent needs what is in question, or would select by a name that nobody knows."""
    catalogue = heard.context.catalogue
    open_target = heard.customer.clarification
    several = open_target is not None and open_target.reason == "ambiguous_target"
    if several and names_whole_group(_tools(catalogue, intent), heard.customer.entities):
        return False
    if _needs_target(catalogue, intent):
        return True
    doubtful = any(entity.type in _NAMES and entity.match != "exact" for entity in heard.customer.entities)
    return doubtful and any("filters" in tool.properties for tool in _tools(catalogue, intent))


def _needs_target(catalogue: Catalogue, intent: Intent) -> bool:
    """Whether a tool of the intent acts on something of the inventory."""
    return any(map(_takes_target, _tools(catalogue, intent)))


def _tools(catalogue: Catalogue, intent: Intent) -> list[Tool]:
    return [catalogue.tools[name] for name in intent.tools if name in catalogue.tools]


def _takes_target(tool: Tool) -> bool:
    if tool.targets_input:
        return True
    return any("x-entity" in tool.properties.get(name, {}) for name in tool.required)
