"""An address is as private as what it leads to, in whatever numbers it is written."""

import pytest

from opsconductor.domain.callable_addresses import NEVER, PRIVATE, PUBLIC, kind_of_address, plain_address


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("93.184.216.34", PUBLIC),
        ("2606:2800:220:1:248:1893:25c8:1946", PUBLIC),
        ("127.0.0.1", PRIVATE),
        ("10.1.2.3", PRIVATE),
        ("100.64.0.1", PRIVATE),
        ("0.1.2.3", PRIVATE),
        ("192.0.2.1", PRIVATE),
        ("198.18.0.1", PRIVATE),
        ("240.0.0.1", PRIVATE),
        ("255.255.255.255", PRIVATE),
        ("::1", PRIVATE),
        ("fd00:ec2::254", PRIVATE),
        ("2001:db8::1", PRIVATE),
        ("::ffff:127.0.0.1", PRIVATE),
        ("::ffff:93.184.216.34", PUBLIC),
        ("::127.0.0.1", PRIVATE),
        ("::ffff:0:127.0.0.1", PRIVATE),
        ("64:ff9b::7f00:1", PRIVATE),
        ("64:ff9b::5db8:d822", PUBLIC),
        ("2002:7f00:1::", PRIVATE),
        ("2002:a9fe:a9fe::", NEVER),
        ("64:ff9b::a9fe:a9fe", NEVER),
        ("169.254.169.254", NEVER),
        ("::ffff:169.254.169.254", NEVER),
        ("168.63.129.16", NEVER),
        ("0.0.0.0", NEVER),
        ("::", NEVER),
        ("224.0.0.1", NEVER),
        ("ff02::1", NEVER),
        ("fe80::1", NEVER),
        ("fe80::1%eth0", NEVER),
        ("fec0::1", NEVER),
        ("localhost", NEVER),
        ("", NEVER),
    ],
)
def test_kinds(address: str, kind: str) -> None:
    assert kind_of_address(address) == kind


def test_one_spelling() -> None:
    assert plain_address("::ffff:7f00:1") == "127.0.0.1"
    assert plain_address("0:0:0:0:0:0:0:1") == "::1"
