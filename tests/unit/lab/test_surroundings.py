from pathlib import Path

from opsconductor.lab.surroundings import clean_environment


def test_the_hosts_own_programs_come_first() -> None:
    environment = clean_environment(Path("/lab/app-01"))
    assert environment["PATH"].startswith("/lab/app-01/bin:")
    assert environment["HOME"] == "/lab/app-01"
