import pytest

from opsconductor.adapters.asset_import.ansible.host_patterns import hosts_of


@pytest.mark.parametrize(
    ("pattern", "hosts", "port"),
    [
        ("web", ["web"], None),
        ("web:2222", ["web"], 2222),
        ("web[01:03]", ["web01", "web02", "web03"], None),
        ("web[9:11].x", ["web9.x", "web10.x", "web11.x"], None),
        ("db-[a:c]", ["db-a", "db-b", "db-c"], None),
        ("n[0:6:3]:99", ["n0", "n3", "n6"], 99),
        ("r[1:2]s[a:b]", ["r1sa", "r1sb", "r2sa", "r2sb"], None),
        ("h[:2]", ["h0", "h1", "h2"], None),
        ("[2001:db8::1]:22", ["2001:db8::1"], 22),
        ("2001:db8::1", ["2001:db8::1"], None),
        ("10.0.0.[1:2]", ["10.0.0.1", "10.0.0.2"], None),
    ],
)
def test_a_pattern_stands_for_its_hosts(pattern: str, hosts: list[str], port: int | None) -> None:
    assert hosts_of(pattern) == (hosts, port)


@pytest.mark.parametrize(
    "pattern",
    ["h[3:1]", "h[1:b]", "h[01:100]", "h[1:2:0]", "h[1:", "h[x]", "h:70000", "h[1:999999999]", "h[1:999][1:999]"],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        hosts_of(pattern)
