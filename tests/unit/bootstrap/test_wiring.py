"""The phases are wired to the parts the overrides name."""

from opsconductor.bootstrap import Overrides, open_engine
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import Settings
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble


async def test_every_connector_the_default_pack_names_is_wired(settings: Settings) -> None:
    wired: set[str] = set()
    overrides = Overrides(connectors=lambda usual: wired.update(usual) or usual)
    async with open_engine(settings, overrides=overrides) as engine:
        named = {tool.connector for tool in engine.catalogues.current().tools.values()}
    assert named <= wired


async def test_a_connector_in_place_of_the_usual_is_the_one_that_is_called(settings: Settings) -> None:
    double = ScriptedConnectorDouble()
    overrides = Overrides(connectors=lambda usual: dict.fromkeys(usual, double))
    async with open_engine(settings, overrides=overrides) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        turn = TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="How many assets do we have?")
        await engine.take_turn(turn)
    assert [call.run.http["path"] for call in double.calls] == ["/query"]
