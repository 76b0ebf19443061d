"""Every engine of the asset import port keeps the port's promises, on each kind of source it reads."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import opsconductor.adapters.asset_import
from opsconductor.ports.asset_import import ImportOptions
from opsconductor.testing.contracts.asset_import import PROMISES, ImportCase
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store
from opsconductor.testing.doubles.netbox.objects import device, virtual_machine
from opsconductor.testing.doubles.netbox.server import NetBoxDouble, netbox_double

ENGINES = sorted(found.name for found in pkgutil.iter_modules(opsconductor.adapters.asset_import.__path__))
NAMES = [f"host-{number}" for number in range(1, 61)]  # more than a page of NetBox

FILES: dict[str, tuple[str, str, str, str]] = {  # engine, file, good, broken
    "csv": ("csv", "a.csv", "name,ip\n" + "".join(f"{n},\n" for n in NAMES), "name,ip\na,\nb,nowhere\n"),
    "ansible ini": ("ansible", "hosts", "[all]\nhost-[1:60]\n", "a\nb ip=nowhere\n"),
    "ansible yaml": (
        *("ansible", "hosts.yml"),
        "all: {hosts: {'host-[1:60]': }}\n",
        "all: {hosts: {a: , b: {ip: nowhere}}}\n",
    ),
    "netbox export": (
        *("netbox", "n.csv"),
        "Name,Type,IP Address\n" + "".join(f"{n},x,\n" for n in NAMES),
        "Name,Type,IP Address\na,x,\nb,x,nowhere\n",
    ),
}
NETBOX_API = "netbox api"


@contextmanager
def case_of(kind: str, folder: Path) -> Iterator[ImportCase]:
    """The engine that reads sources of that kind, with its sources."""
    engine = "netbox" if kind == NETBOX_API else FILES[kind][0]
    importer = importlib.import_module(f"opsconductor.adapters.asset_import.{engine}").open_importer()
    good, broken = NetBoxDouble(), NetBoxDouble()
    good.devices = [device(number, {"name": name}) for number, name in enumerate(NAMES[:5])]
    good.machines = [virtual_machine(number, {"name": name}) for number, name in enumerate(NAMES[5:])]
    broken.devices = [device(1, {"name": "a"}), device(2, {"name": "b", "ip": "nowhere"})]
    with netbox_double(good), netbox_double(broken):
        sources: list[str | Path] = [good.url, broken.url, "http://127.0.0.1:1"]
        if kind in FILES:
            sources = [folder / "good" / FILES[kind][1], folder / "broken" / FILES[kind][1], folder / "missing"]
            for path, text in zip(sources, FILES[kind][2:], strict=False):
                Path(path).parent.mkdir()
                Path(path).write_text(text)
        yield ImportCase(
            importer=importer,
            good=sources[0],
            broken=sources[1],
            missing=sources[2],
            names=NAMES,
            store=open_asset_store(),
            options=ImportOptions(),
        )


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", [*FILES, NETBOX_API])
async def test_engine(kind: str, promise: Callable[[ImportCase], Awaitable[None]], tmp_path: Path) -> None:
    with case_of(kind, tmp_path) as case:
        await promise(case)


def test_every_engine_is_asked() -> None:
    assert {"netbox", *(engine for engine, *_ in FILES.values())} == set(ENGINES)
