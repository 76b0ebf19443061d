"""Which network addresses a typed address may lead to: public ones, those of known assets, and some never."""

import ipaddress
import re
import socket
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PUBLIC = "public"
PRIVATE = "private"  # may be called when an asset of the tenant has it
NEVER = "never"  # link-local (cloud metadata lives there), multicast, unspecified, and what leads nowhere good

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")
_NUMBERS = re.compile(r"[0-9a-fx]+(\.[0-9a-fx]+){0,3}", re.IGNORECASE)
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})  # public by its number, answers inside one cloud only


def kind_of_address(text: str) -> str:
    """PUBLIC, PRIVATE or NEVER for an IP address as text; anything that is no address is NEVER.

    An IPv6 address that carries an IPv4 address is as private as the one it carries.
    """
    try:
        address = ipaddress.ip_address(plain_address(text))
    except ValueError:
        return NEVER
    kinds = {_kind(one) for one in (address, *_carried(address))}
    return NEVER if NEVER in kinds else PRIVATE if PRIVATE in kinds else PUBLIC


def never_called(host: str) -> bool:
    """True when `host`, as it stands in an address, is itself an IP address that no approval can allow.

    Names are not looked up here; an address in a spelling that only resolvers read (`0xa9fea9fe`) counts as written.
    """
    bare = host.strip("[]").rstrip(".")
    try:
        return kind_of_address(plain_address(bare)) == NEVER
    except ValueError:
        pass
    try:
        return bool(_NUMBERS.fullmatch(bare)) and kind_of_address(socket.inet_ntoa(socket.inet_aton(bare))) == NEVER
    except OSError:
        return False


def plain_address(text: str) -> str:
    """The address in its one spelling: an IPv4-mapped IPv6 address is its IPv4 address. Raises ValueError."""
    address = ipaddress.ip_address(text.split("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _kind(address: Address) -> str:
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return NEVER
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return NEVER
    return PUBLIC if address.is_global else PRIVATE


def _carried(address: Address) -> Iterator[Address]:
    """IPv4 addresses inside: NAT64, 6to4, Teredo, IPv4-compatible and -translated."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in (_NAT64, _TRANSLATED)) or (address in _COMPATIBLE and int(address) > 1):
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
