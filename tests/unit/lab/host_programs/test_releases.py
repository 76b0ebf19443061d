import os
from pathlib import Path

import pytest

from opsconductor.lab.host_programs import releases
from opsconductor.lab.host_programs.host import ProgramError, Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    for version in ("2.2", "2.10", "2.9"):
        (tmp_path / "opt/billing" / version).mkdir(parents=True)
        (tmp_path / "opt/billing" / version / "VERSION").write_text(version)
    (tmp_path / "opt/billing/half-copied").mkdir()
    (tmp_path / "opt/billing/current").symlink_to("2.2")
    return Service(str(tmp_path), "billing", "http", 20_080)


def test_versions_are_the_complete_ones_in_order_of_their_numbers(service: Service) -> None:
    assert releases.versions(service) == ["2.2", "2.9", "2.10"]


def test_a_suffix_comes_after_the_version_it_belongs_to(service: Service) -> None:
    for version in ("2.9-rc", "3"):
        os.mkdir(os.path.join(service.releases, version))
        with open(os.path.join(service.releases, version, "VERSION"), "w", encoding="utf-8") as file:
            file.write(version)
    assert releases.versions(service) == ["2.2", "2.9", "2.9-rc", "2.10", "3"]


def test_a_switch_can_be_taken_back_once(service: Service) -> None:
    releases.switch(service, "2.9")
    assert (releases.current(service), releases.linked(service, "previous")) == ("2.9", "2.2")
    assert releases.switch_back(service) == "2.2"
    assert (releases.current(service), releases.linked(service, "previous")) == ("2.2", None)
    with pytest.raises(ProgramError, match="no previous release"):
        releases.switch_back(service)


def test_switching_to_what_is_current_does_not_forget_the_way_back(service: Service) -> None:
    releases.switch(service, "2.9")
    releases.switch(service, "2.9")
    assert releases.linked(service, "previous") == "2.2"


@pytest.mark.parametrize("version", ["3.0", "half-copied", "../../etc", "current", "", "."])
def test_a_version_that_does_not_lie_ready_is_refused(service: Service, version: str) -> None:
    with pytest.raises(ProgramError, match=r"ready are: 2\.2, 2\.9, 2\.10") as refused:
        releases.switch(service, version)
    assert refused.value.status == 4
    assert releases.current(service) == "2.2"


def test_no_current_release_is_told(service: Service) -> None:
    os.unlink(os.path.join(service.releases, "current"))
    with pytest.raises(ProgramError, match="no current release"):
        releases.current(service)
