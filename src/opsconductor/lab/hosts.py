"""The table of the lab's hosts and services, and what a started host tells about itself."""

from dataclasses import dataclass
from pathlib import Path

from opsconductor.domain.assets import AssetService

ADDRESS = "127.0.0.1"
USERNAME = "ops"
CREDENTIAL_REF = "lab-ssh-key"


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service that a host runs."""

    name: str
    protocol: str  # http | line
    versions: tuple[str, ...]  # what lies ready; the first one is current on a fresh host
    broken: tuple[str, ...] = ()  # lie ready too: they start, and answer requests with 500
    page: str = ""  # what an http service answers on `/`; empty: 404


@dataclass(frozen=True, kw_only=True)
class HostSpec:
    """A host of the lab before it has ports."""

    name: str
    role: str  # application | web | database
    environment: str  # staging | production
    criticality: str  # low | medium | high
    service: ServiceSpec


@dataclass(frozen=True, kw_only=True)
class LabHost:
    """A started host: all that a client needs to reach it."""

    name: str
    address: str
    port: int  # of its SSH server
    username: str
    host_key: str  # public, "ssh-ed25519 …", for known_hosts
    private_key_path: Path  # of the one client key that may log in
    environment: str
    services: tuple[AssetService, ...]
    role: str
    criticality: str
    directory: Path  # the host's `/`


_BILLING = ServiceSpec(name="billing", protocol="http", versions=("2.2", "2.3"), broken=("2.4-broken",))
_STOREFRONT = ServiceSpec(
    name="storefront",
    protocol="http",
    versions=("4.1",),
    page="<!doctype html><html lang='en'><title>Storefront</title><h1>Storefront</h1><p>Open.</p></html>\n",
)
_LEDGER_DB = ServiceSpec(name="ledger-db", protocol="line", versions=("7.4",))

HOSTS = (
    HostSpec(name="app-01", role="application", environment="staging", criticality="medium", service=_BILLING),
    HostSpec(name="app-02", role="application", environment="staging", criticality="medium", service=_BILLING),
    HostSpec(name="web-01", role="web", environment="production", criticality="high", service=_STOREFRONT),
    HostSpec(name="db-01", role="database", environment="production", criticality="high", service=_LEDGER_DB),
)
