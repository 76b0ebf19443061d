"""How the words of a source become ours: identity, type, platform, environment, address, services."""

import ipaddress
import json
import re
import unicodedata
import uuid

from opsconductor.domain.assets import AssetService

PLATFORMS = ("windows", "linux", "network")
CRITICALITIES = ("low", "medium", "high")

_NAMESPACE = uuid.UUID("6f1d3c1e-8f0e-5a52-9a3b-0c7a4a1f2d55")

# Network systems first: several of them call themselves a Linux.
_NETWORK = re.compile(
    r"\b(ios(-?x[er])?|nx-?os|junos|eos|fortios|fortigate|pan-?os|routeros|arubaos|comware|exos|edgeos|vyos|sonic|"
    r"cumulus|big-?ip|tmos|gaia|opnsense|pfsense|netscaler|network|switch|router|firewall)\b"
)
_WINDOWS = re.compile(r"\b(windows|win(32|64|7|8|10|11|20\d\d)?)\b")
_LINUX = re.compile(
    r"(linux\b|\b(ubuntu|debian|rhel|red ?hat|centos|rocky|fedora|suse|opensuse|sles|alpine|raspbian|coreos|flatcar|"
    r"proxmox|gentoo|nixos)\b)"
)
_DESKTOP = re.compile(r"\b(win(dows)? ?)(xp|vista|7|8(\.1)?|10|11)\b|\bworkstation\b")
_ENVIRONMENTS = {
    "prod": "production",
    "prd": "production",
    "live": "production",
    "stage": "staging",
    "stg": "staging",
    "dev": "development",
    "tst": "test",
    "testing": "test",
}
_SECRET_NAME = re.compile(
    r"(^|_)(pass|passwd|password|passphrase|pwd|secret|secrets|token|apikey|api_key|private_key|privatekey|credential|"
    r"credentials|community|vault|psk)(_|$)"
)
_SERVICE = re.compile(r"(?P<name>[^\s:;,|/]+)(?::(?P<port>\d{1,5}))?")


def asset_id(tenant: str, source: str, source_id: str) -> str:
    """The id of the asset with this identity: the same at every import, on every machine."""
    return f"asset_{uuid.uuid5(_NAMESPACE, json.dumps([tenant, source, source_id]))}"


def natural_source_id(name: str, type_: str, site: str, owner: str) -> str:
    """The source id of an asset whose source has none of its own: name, type, site and owner, unmistakably joined."""
    return json.dumps([name, type_, site, owner], ensure_ascii=False)


def snake(text: str) -> str:
    """`Windows Workstation` and `windows-workstation` as `windows_workstation`."""
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")


def platform_of(text: str) -> str:
    """`windows`, `linux` or `network` for the name of an operating system; empty when it is none of them."""
    words = text.casefold().replace("_", " ")
    for platform, pattern in (("network", _NETWORK), ("windows", _WINDOWS), ("linux", _LINUX)):
        if pattern.search(words):
            return platform
    return ""


def type_of(platform: str, os: str) -> str:
    """The type of an asset whose source names none, as far as platform and system tell it."""
    if platform == "windows":
        words = os.casefold()
        if "server" in words:
            return "windows_server"
        return "windows_workstation" if _DESKTOP.search(words) else "windows_host"
    return {"linux": "linux_server", "network": "network_device"}.get(platform, "asset")


def environment_of(text: str) -> str:
    """The environment in one spelling: `Prod` is `production`, whose rules it must not escape."""
    word = " ".join(text.casefold().split())
    return _ENVIRONMENTS.get(word, word)


def address_of(text: str) -> str:
    """The address in its one spelling, a prefix length left off. Raises ValueError when it is no address."""
    interface = ipaddress.ip_interface(text.strip())
    if isinstance(interface, ipaddress.IPv6Interface) and interface.scope_id:
        raise ValueError(f"{text} names a network interface of one machine")
    return str(interface.ip)


def services_of(text: str) -> tuple[AssetService, ...]:
    """`billing:8080; storefront` as services. Raises ValueError naming the part that is none."""
    found = []
    for part in re.split(r"[;,|]|\s+", text):
        if part:
            found.append(service_of(part))
    return tuple(found)


def service_of(text: str) -> AssetService:
    """`billing` or `billing:8080` as a service. Raises ValueError when it is neither."""
    match = _SERVICE.fullmatch(text.strip())
    port = int(match["port"]) if match and match["port"] else None
    if match is None or (port is not None and not 1 <= port <= 65_535):
        raise ValueError(f"{text!r} is no service: write name or name:port")
    return AssetService(name=match["name"], port=port)


def is_secret_name(name: str) -> bool:
    """Whether a column or variable of that name holds a credential, which an inventory must not keep."""
    return bool(_SECRET_NAME.search(snake(name)))


def unseen_character(text: str) -> str:
    """The first character that a reader cannot see or that reorders the line, as `U+202E`; empty when there is none."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            return f"U+{ord(character):04X}"
    return ""
