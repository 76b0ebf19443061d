from opsconductor.lab.hosts import HOSTS


def test_names_are_unique_and_billing_has_a_next_version_ready() -> None:
    assert [host.name for host in HOSTS] == ["app-01", "app-02", "web-01", "db-01"]
    assert HOSTS[0].service.versions == ("2.2", "2.3")


def test_no_broken_release_is_one_that_a_host_begins_with() -> None:
    assert HOSTS[0].service.broken == ("2.4-broken",)
    assert all(not set(host.service.broken) & set(host.service.versions) for host in HOSTS)


def test_only_the_application_hosts_are_not_production() -> None:
    assert {host.name for host in HOSTS if host.environment != "production"} == {"app-01", "app-02"}
