"""What every engine of the intent model port promises."""

from collections.abc import Awaitable, Callable

from opsconductor.domain.catalogue import Catalogue
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.intent_model import IntentModels, Prediction
from opsconductor.testing.contracts.lanes import a_catalogue, an_intent

CATALOGUE = a_catalogue(
    digest="sha256:intents",
    intents=(
        an_intent(
            "monitoring/disk_usage",
            *("how full is the disk on {host}", "disk space of {host}", "how much disk is free on {host}"),
        ),
        an_intent(
            "automation/service_restart",
            *("restart {service} on {host}", "please restart {service}", "do a restart of {service} on {host}"),
        ),
    ),
    out_of_scope=("bake a cake", "tell me a joke", "sing a song for me"),
)


async def predict(models: IntentModels, embedder: Embedder, text: str, catalogue: Catalogue = CATALOGUE) -> Prediction:
    """The prediction for one text."""
    vector = (await embedder.embed([text]))[0]
    return (await models.model_for(catalogue)).predict(vector.tolist(), text)


async def knows_its_own_examples(models: IntentModels, embedder: Embedder) -> None:
    """Label first, in scope."""
    for text, label in (
        ("how full is the disk on {host}", "monitoring/disk_usage"),
        ("restart {service} on {host}", "automation/service_restart"),
    ):
        prediction = await predict(models, embedder, text)
        assert prediction.ranked[0][0] == label
        assert prediction.in_scope


async def keeps_foreign_words_out(models: IntentModels, embedder: Embedder) -> None:
    """An example of what is out of scope is out of scope."""
    assert not (await predict(models, embedder, "tell me a joke")).in_scope


async def gives_probabilities_highest_first(models: IntentModels, embedder: Embedder) -> None:
    """Each between 0 and 1."""
    chances = [chance for _, chance in (await predict(models, embedder, "disk space of {host}")).ranked]
    assert chances == sorted(chances, reverse=True)
    assert all(0.0 <= chance <= 1.0 for chance in chances)


async def says_the_same_again(models: IntentModels, embedder: Embedder) -> None:
    """Deterministic."""
    text = "restart {service} on {host}"
    assert await predict(models, embedder, text) == await predict(models, embedder, text)


async def takes_any_text(models: IntentModels, embedder: Embedder) -> None:
    """Empty, long, odd: a prediction, not an error."""
    for text in ("", "x" * 70_000, "🚀", "\ud800", "{"):
        assert 0.0 <= (await predict(models, embedder, text)).scope_score <= 1.0


PROMISES: tuple[Callable[[IntentModels, Embedder], Awaitable[None]], ...] = (
    knows_its_own_examples,
    keeps_foreign_words_out,
    gives_probabilities_highest_first,
    says_the_same_again,
    takes_any_text,
)
