"""A host with its variables as a record of the inventory; templates and encrypted values are never opened."""

import ast
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.adapters.asset_import.ansible.inventory import Host, Inventory
from opsconductor.adapters.asset_import.ansible.yaml_text import Closed
from opsconductor.adapters.asset_records import Record
from opsconductor.domain.asset_naming import is_secret_name, platform_of, service_of, services_of
from opsconductor.domain.assets import AssetService
from opsconductor.domain.json_value import Json

_FIELDS = {
    "type": ("asset_type", "type"),
    "role": ("role",),
    "os": ("os", "operating_system"),
    "environment": ("environment", "env"),
    "site": ("site",),
    "owner": ("owner", "tenant"),
    "status": ("status",),
    "criticality": ("criticality",),
    "platform": ("platform",),
}
_WINDOWS = ("winrm", "psrp")
_NETWORK = ("network_cli", "netconf", "httpapi")
_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh", "libssh")
_LONGEST_LITERAL = 10_000


def record_of(host: Host, groups: Sequence[str], inventory: Inventory) -> Record:
    """The record; a port that cannot be read is a fault, whatever is left out is a warning."""
    variables = _Variables(host, inventory.variables(host, list(groups)), inventory)
    fields = {field: variables.text(*names) for field, names in _FIELDS.items()}
    kind = variables.text("ansible_connection").rpartition(".")[2] or "ssh"
    address = variables.text("ansible_host", "ansible_ssh_host")
    fields["platform"] = fields["platform"] or platform_of(fields["os"]) or _platform(kind, variables)
    fields["os"] = fields["os"] or variables.text("ansible_network_os")
    fields |= {"name": host.name, "id": host.name, "ip": variables.text("ip") or _ip(address) or _ip(host.name)}
    variables.tell_credentials()
    attributes: dict[str, Json] = {"groups": list(groups)} if groups else {}
    return Record(
        fields=fields,
        attributes=attributes,
        services=variables.services("services", "service"),
        connection=_connection(kind, address, variables),
        line=host.line,
        file=host.file,
    )


def _connection(kind: str, address: str, variables: "_Variables") -> dict[str, Json]:
    connector = "ssh" if kind in _SSH else "winrm" if kind in _WINDOWS else kind
    told: dict[str, Json] = {
        "connector": connector,
        "host": address,
        "port": variables.port("ansible_port", "ansible_ssh_port"),
        "username": variables.text("ansible_user", "ansible_ssh_user"),
        "credential_ref": variables.text("credential_ref"),
        "host_key": variables.text("host_key"),
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _platform(kind: str, variables: "_Variables") -> str:
    if kind in _WINDOWS or variables.text("ansible_shell_type") in ("powershell", "cmd"):
        return "windows"
    if kind in _NETWORK or variables.text("ansible_network_os"):
        return "network"
    return "linux" if kind in (*_SSH, "local") else ""


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


class _Variables:
    """The variables of one host, read one by one."""

    def __init__(self, host: Host, values: Mapping[str, Any], inventory: Inventory) -> None:
        self._host = host
        self._values = values
        self._inventory = inventory

    def text(self, *names: str) -> str:
        """The first of these variables that has a text."""
        for name in names:
            value = self._open(name)
            if isinstance(value, str) and value.strip():
                return value.strip()
            if value not in (None, "") and not isinstance(value, str):
                self._inventory.warn(f"{name} of {self._host.name} is no text and was left out.")
        return ""

    def port(self, *names: str) -> int | None:
        """A port, when one is named."""
        text = self.text(*names)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65_535):
            self._fault(names[0], f"{text[:60]!r} is no port")
            return None
        return int(text)

    def services(self, *names: str) -> tuple[AssetService, ...]:
        """Services, written as a list of names, of {name, port}, or in one text."""
        for name in names:
            value = self._open(name)
            if value in (None, ""):
                continue
            try:
                return tuple(_services(value))
            except ValueError as error:
                self._inventory.warn(f"{name} of {self._host.name} was left out: {str(error)[:200]}.")
        return ()

    def tell_credentials(self) -> None:
        """Warn once of each kind of credential in the inventory; none of them is kept."""
        for name in self._values:
            if name != "credential_ref" and is_secret_name(name):
                self._inventory.warn(
                    f"{name} was left out: an inventory keeps no credentials; store it and name it in credential_ref."
                )

    def _open(self, name: str) -> Any:
        value = self._values.get(name)
        what = "is encrypted with Ansible Vault" if isinstance(value, Closed) else "is a template"
        if isinstance(value, Closed) or (isinstance(value, str) and ("{{" in value or "{%" in value)):
            self._inventory.warn(f"{name} of {self._host.name} {what} and was left out.")
            return None
        return value

    def _fault(self, name: str, message: str) -> None:
        self._inventory.faults.add(
            f"{name} of {self._host.name} {message}", line=self._host.line, column=name, file=self._host.file
        )


def _services(value: Any) -> list[AssetService]:
    if isinstance(value, str) and value.startswith("[") and len(value) <= _LONGEST_LITERAL:
        try:
            value = ast.literal_eval(value)
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError(f"{value[:60]!r} is no list") from error
    if isinstance(value, str):
        return list(services_of(value))
    if not isinstance(value, list):
        raise ValueError("it is no list of services")
    return [_service(item) for item in value]


def _service(item: Any) -> AssetService:
    if isinstance(item, Mapping) and isinstance(item.get("name"), str) and set(item) <= {"name", "port"}:
        port = item.get("port")
        return service_of(f"{item['name']}:{port}" if port not in (None, "") else item["name"])
    if isinstance(item, str):
        return service_of(item)
    raise ValueError("a service is a name or {name, port}")
