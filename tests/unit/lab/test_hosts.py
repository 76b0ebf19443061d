from opsconductor.lab.hosts import HOSTS


def test_names_are_unique_and_billing_has_a_next_version_ready() -> None:
    assert [host.name for host in HOSTS] == ["app-01", "app-02", "web-01", "db-01"]
    assert HOSTS[0].service.versions == ("2.2", "2.3")


def test_only_the_application_hosts_are_not_production() -> None:
    assert {host.name for host in HOSTS if host.environment != "production"} == {"app-01", "app-02"}
