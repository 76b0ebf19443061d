import pytest

from opsconductor.domain.asset_naming import (
    address_of,
    asset_id,
    environment_of,
    is_secret_name,
    natural_source_id,
    platform_of,
    service_of,
    services_of,
    snake,
    type_of,
    unseen_character,
)
from opsconductor.domain.assets import AssetService


def test_an_identity_has_one_id_and_different_identities_have_different_ones() -> None:
    first = asset_id("default", "csv", "app-01")
    assert first == asset_id("default", "csv", "app-01")
    others = {
        asset_id("other", "csv", "app-01"),
        asset_id("default", "seed", "app-01"),
        asset_id("default", "csv", "x"),
    }
    assert len({first, *others}) == 4
    assert first.startswith("asset_")


def test_parts_of_a_natural_id_do_not_run_into_each_other() -> None:
    assert natural_source_id("a", "b c", "", "") != natural_source_id("a b", "c", "", "")


@pytest.mark.parametrize("text", ["Windows Workstation", "windows-workstation", " WINDOWS  workstation "])
def test_a_type_is_written_in_one_way(text: str) -> None:
    assert snake(text) == "windows_workstation"


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("Ubuntu Linux 20.04", "linux"),
        ("Debian GNU/Linux 12", "linux"),
        ("AlmaLinux 9", "linux"),
        ("Red Hat Enterprise Linux 9", "linux"),
        ("linux", "linux"),
        ("Windows 11", "windows"),
        ("windows_server_2022", "windows"),
        ("Cisco IOS", "network"),
        ("Cisco IOS-XE 17", "network"),
        ("Juniper Junos 21", "network"),
        ("NX-OS", "network"),
        ("Cumulus Linux", "network"),
        ("Darwin", ""),
        ("VMware ESXi", ""),
        ("winery controller", ""),
        ("", ""),
    ],
)
def test_the_platform_follows_from_the_name_of_the_system(text: str, platform: str) -> None:
    assert platform_of(text) == platform


@pytest.mark.parametrize(
    ("platform", "os", "type_"),
    [
        ("windows", "Windows 11", "windows_workstation"),
        ("windows", "Windows Server 2022", "windows_server"),
        ("windows", "", "windows_host"),
        ("linux", "Ubuntu", "linux_server"),
        ("network", "Cisco IOS", "network_device"),
        ("", "", "asset"),
    ],
)
def test_a_missing_type_follows_from_the_platform(platform: str, os: str, type_: str) -> None:
    assert type_of(platform, os) == type_


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("Prod", "production"),
        ("production", "production"),
        ("STG", "staging"),
        ("Reproduction-Lab", "reproduction-lab"),
    ],
)
def test_an_environment_has_one_spelling(text: str, environment: str) -> None:
    assert environment_of(text) == environment


def test_an_address_has_one_spelling() -> None:
    assert address_of(" 10.0.0.7/24 ") == "10.0.0.7"
    assert address_of("2001:DB8:0::1") == "2001:db8::1"
    for wrong in ("300.1.1.1", "app-01", "", "10.0.0.1/99", "fe80::1%eth0"):
        with pytest.raises(ValueError, match=r".*"):
            address_of(wrong)


def test_services_are_read_with_and_without_port() -> None:
    expected = (AssetService(name="billing", port=8080), AssetService(name="storefront"))
    assert services_of("billing:8080; storefront") == expected
    assert services_of("billing:8080,storefront") == expected
    assert services_of("") == ()


@pytest.mark.parametrize("text", ["billing:0", "billing:70000", ":80", "billing:http", "a:1:2"])
def test_what_is_no_service_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no service"):
        service_of(text)


@pytest.mark.parametrize("name", ["Password", "ansible_become_pass", "API Key", "snmp-community", "vault_token"])
def test_names_of_credentials_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["compass", "passenger_count", "keyboard", "tokenizer"])
def test_other_names_are_no_credentials(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [("app-01", ""), ("Zürich 東京", ""), ("a\u202eb", "U+202E"), ("a\u200bb", "U+200B"), ("a\x00", "U+0000")],
)
def test_characters_nobody_sees_are_found(text: str, found: str) -> None:
    assert unseen_character(text) == found
