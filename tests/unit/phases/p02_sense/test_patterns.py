import pytest

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.patterns import address_of, addresses_in, by_form, reads_as_ticket, versions_beside


def found(text: str, kind: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in by_form(text) if one.type == kind))


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("see if 10.20.0.8 answers", "ip", ["10.20.0.8"]),
        ("ping 10.0.0.5:8080 please", "ip", ["10.0.0.5"]),
        ("fe80::1 and ::1, 2001:DB8::0:1.", "ip", ["fe80::1", "::1", "2001:db8::1"]),
        ("300.1.2.3 and 10.0.0.0/24 and 1.2.3", "ip", []),
        ("version 10.0.4.17", "ip", []),
        ("roll back to version 1.4.2", "version", ["1.4.2"]),
        ("deploy 2.0.1-rc.1 or v3.1", "version", ["2.0.1-rc.1", "3.1"]),
        ("release 7 of it", "version", ["7"]),
        ("deploy billing 2.3 to staging", "version", ["2.3"]),
        ("roll billing out in 2.4-rc.1, please", "version", ["2.4-rc.1"]),
        ("upgrade billing from 2.2 to 2.3.", "version", ["2.2", "2.3"]),
        ("bring it to 2.3?", "version", ["2.3"]),
        ("deploy 1.5 GB, 2.5% and 3.5 seconds", "version", []),
        ("is 2.3 more than 2.2", "version", []),
        ("deploy it over tcp/2.3 to x-2.3", "version", []),
        ("on port 22", "port", ["22"]),
        ("tcp/443 and 53/udp", "port", ["443", "53"]),
        ("app-01:8080", "port", ["8080"]),
        ("port 99999 and port 0", "port", []),
        ("what uses /var/log/syslog, and ~/x.txt?", "file_path", ["/var/log/syslog", "~/x.txt"]),
        (r"open C:\Users\bob\a.txt", "file_path", [r"C:\Users\bob\a.txt"]),
        ("and/or 24/7 TCP/IP /", "file_path", []),
        ("close ticket INC-4711", "ticket", ["INC-4711"]),
        ("INC0012345, ABC-123 and issue #77", "ticket", ["INC0012345", "#77", "ABC-123"]),
        ("WS-07 is slow", "ticket", []),
        ("create a new user account for maria", "user", ["maria"]),
        ("reset the password of jsmith", "user", ["jsmith"]),
        ("grant bob rights", "user", ["bob"]),
        ("tell @alice and bob@example.com", "user", ["alice", "bob@example.com"]),
        ("users complain, the user is angry", "user", []),
        ("computers tagged finance, tag: web", "tag", ["finance", "web"]),
        ("run rm -rf / on app-01", "command", ["rm -rf /"]),
        ("run `systemctl status x` there", "command", ["systemctl status x"]),
        ("which machines run Linux", "command", []),
        ("list windows 11 and Ubuntu 22.04", "os", ["windows 11", "Ubuntu 22.04"]),
        ("curl http://app-01:8080/version.", "url", ["http://app-01:8080/version"]),
        ("top 5 of 1,200 at 3.5", "number", ["5", "1200", "3.5"]),
    ],
)
def test_what_has_a_form_is_found(text: str, kind: str, values: list[str]) -> None:
    assert found(text, kind) == values


def test_a_span_is_where_the_text_stands() -> None:
    text = "user jsmith moved /etc/hosts, port 22, v1.2.3, `ls -l` at 10.0.0.1 (INC0012345)"
    mentions = list(by_form(text))
    assert {one.type for one in mentions} >= {"user", "file_path", "port", "version", "command", "ip", "ticket"}
    assert all(text[one.start : one.end] == one.text for one in mentions)


def test_an_address_has_one_spelling() -> None:
    assert address_of("2001:0DB8:0:0::1") == "2001:db8::1"
    assert address_of("1.2.3") == ""
    assert addresses_in("ping FE80::1 or 10.0.0.1") == ["fe80::1", "10.0.0.1"]


@pytest.mark.parametrize(
    ("before", "name", "ticket"),
    [
        ("close ticket ", "WS-07", True),
        ("restart it on ", "ABC-123", False),
        ("", "OPS-12", True),
        ("", "WS-12", False),
        ("", "ABC-007", False),
        ("", "ABC-1234", True),
        ("", "app-01", False),
    ],
)
def test_a_ticket_is_told_from_a_machine(before: str, name: str, ticket: bool) -> None:
    assert reads_as_ticket(before + name, name, len(before)) is ticket


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("deploy storefront 3 to production", ["3"]),
        ("deploy storefront 12", ["12"]),
        ("roll storefront back to 3", ["3"]),
        ("roll out storefront 3, please", ["3"]),
        ("upgrade storefront to 3 on web-01", ["3"]),
        ("upgrade the storefront service to 3 everywhere", ["3"]),
        ("put storefront 3 on web-01.", ["3"]),
        ("deploy storefront 3 times", []),
        ("deploy storefront to 3 hosts", []),
        ("deploy storefront 3% at a time", []),
        ("deploy storefront 3.5 to production", []),  # known by its form
        ("deploy storefront on web-01 3", []),
        ("restart storefront 3 on web-01", []),
        ("is storefront 3 on web-01", []),
    ],
)
def test_a_number_right_after_a_service_in_a_deployment_is_a_version(text: str, versions: list[str]) -> None:
    start = text.index("storefront")
    service = Entity(
        type="service", value="storefront", text="storefront", start=start, end=start + 10, confidence=1, match="exact"
    )
    found = list(versions_beside(text, [service]))
    assert [one.value for one in found] == versions
    assert all(text[one.start : one.end] == one.value for one in found)
