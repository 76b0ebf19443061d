"""The level-2 story: "deploy billing 2.3 to staging" on real hosts, reviewed by a second person, canary first, undone.

What the hosts themselves serve at GET /version is read before, after, and after an undo, beside the engine.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.conftest import Machine, Server
from tests.service.homes import new_home


@dataclass(frozen=True, kw_only=True)
class Story:
    """A server with its lab, the requester at the command line, and the approver with a token of their own."""

    server: Server
    secret: str

    @property
    def machine(self) -> Machine:
        return self.server.machine

    def served(self) -> dict[str, object]:
        """What each host answers at GET /version: the version, or the status that is no success."""
        found: dict[str, object] = {}
        for name in ("app-01", "app-02"):
            declared = json.loads((self.machine.home / "lab" / name / "etc" / "services.json").read_text())
            answer = httpx2.get(f"http://127.0.0.1:{declared['billing']['port']}/version", trust_env=False)
            found[name] = answer.json()["version"] if answer.status_code == 200 else answer.status_code
        return found

    def processes(self) -> dict[str, int]:
        """The process that billing runs as on each host, as the host's own file has it."""
        return {
            name: json.loads((self.machine.home / "lab" / name / "run" / "billing.json").read_text())["pid"]
            for name in ("app-01", "app-02")
        }

    def order(self, text: str, code: int = 3) -> tuple[str, str]:
        """The order of the requester; the approval that it waits for, and what was said."""
        asked = self.machine.run("ask", text)
        assert asked.code == code, asked.out + asked.err
        return re.findall(r"appr_[0-9a-f-]+", asked.out)[0], asked.out

    def decide(self, verb: str, approval: str, *more: str) -> Any:
        """What the approver does, with the token that proves it is them."""
        return self.machine.run("approvals", verb, approval, *more, "--as", "approver", OPSCONDUCTOR_TOKEN=self.secret)


@pytest.fixture(scope="module")
def story(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    machine = Machine(home=new_home(tmp_path_factory.mktemp("deploy") / "home", trained))
    first = machine.run("assets", "count")
    secret = re.findall(r"opsc_\S+", first.err)[0].rstrip(".")
    with machine.serving("--lab") as server:
        yield Story(server=server, secret=secret)


@pytest.fixture
def from_2_2(story: Story) -> Story:
    """Both hosts run the first release, whatever the test before has deployed."""
    if story.served() != {"app-01": "2.2", "app-02": "2.2"}:
        approval, _ = story.order("deploy billing 2.2 to staging")
        assert story.decide("approve", approval).code == 0
    assert story.served() == {"app-01": "2.2", "app-02": "2.2"}
    return story


def test_the_plan_shows_canary_verification_and_undo_and_nothing_has_run(from_2_2: Story) -> None:
    approval, said = from_2_2.order("deploy billing 2.3 to staging")
    for part in (
        "service-deploy (billing 2.3 on app-01, app-02)",
        "First app-01 alone, then the rest.",
        "After that service-version looks whether each part is well.",
        "When something fails, service-deploy takes back what was changed.",
        "level 2",
    ):
        assert part in said, said
    shown = from_2_2.machine.run("approvals", "show", approval).out
    for part in ("app-01 (staging), app-02 (staging)", "1 first, alone", "service-version after each part", "sha256:"):
        assert part in shown, shown
    assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
    assert from_2_2.decide("reject", approval, "--reason", "later").code == 7


def test_the_requester_cannot_approve_it_and_a_second_person_can(from_2_2: Story) -> None:
    approval, _ = from_2_2.order("deploy billing 2.3 to staging")
    before = from_2_2.processes()
    alone = from_2_2.machine.run("approvals", "approve", approval)
    assert alone.code == 6, alone.out
    assert (from_2_2.served(), from_2_2.processes()) == ({"app-01": "2.2", "app-02": "2.2"}, before)
    done = from_2_2.decide("approve", approval, "--reason", "reviewed")
    assert done.code == 0, done.out + done.err
    assert from_2_2.served() == {"app-01": "2.3", "app-02": "2.3"}
    after = from_2_2.processes()
    for name in ("app-01", "app-02"):
        assert f"{name}: billing 2.3 was deployed in place of 2.2 and runs as process {after[name]}." in done.out
        assert f"{name}: billing answers version 2.3." in done.out
    assert from_2_2.decide("approve", approval).code == 6
    assert from_2_2.processes() == after


def test_the_canary_is_changed_and_looked_at_before_the_next_host(from_2_2: Story) -> None:
    approval, _ = from_2_2.order("deploy billing 2.3 to staging")
    assert from_2_2.decide("approve", approval).code == 0
    execution = from_2_2.machine.reply("executions", "list")[0]  # type: ignore[index]
    times = {
        (one["step_id"], one["target"]): (one["started_at"], one["completed_at"])
        for one in execution["result"]["step_results"]
    }
    canary, looked = times["step_1", "app-01"], times["step_1.verify", "app-01"]
    assert canary[1] <= looked[0] <= looked[1] <= times["step_1", "app-02"][0]
    assert execution["result"]["status"] == "succeeded"
    assert [one["who_name"] for one in execution["result"]["approvals"]] == ["approver"]


def test_a_broken_release_stops_at_the_canary_is_undone_and_is_told(from_2_2: Story) -> None:
    approval, _ = from_2_2.order("deploy billing 2.4-broken to staging")
    untouched = from_2_2.processes()["app-02"]
    done = from_2_2.decide("approve", approval)
    assert done.code == 5, done.out
    assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
    assert from_2_2.processes()["app-02"] == untouched
    for part in (
        "billing 2.4-broken on app-01: was undone.",
        "billing 2.4-broken on app-02: was not run. The rollout stopped: app-01 is not well after it.",
        "asking billing on app-01 for its version: failed.",
        "answered with status 500.",
        "Of 2 predicted changes none stand. Not made: service-deploy on app-02."
        " Made and taken back: service-deploy on app-01.",
        "app-01: billing 2.2 was deployed in place of 2.4-broken and runs as process",
    ):
        assert part in done.out, done.out
    assert "2.4-broken was deployed" not in done.out


@contextmanager
def changed_release(story: Story, change: Callable[[Path], object]) -> Iterator[Path]:
    """Release 2.3 of app-02, and of no other host, is changed before anything is ordered, and is whole again after."""
    release = story.machine.home / "lab" / "app-02" / "opt" / "billing" / "2.3"
    whole = shutil.copytree(release, story.machine.home / "release-2.3")
    change(release)
    try:
        yield release
    finally:
        shutil.rmtree(release, ignore_errors=True)
        shutil.move(whole, release)


def test_the_second_host_that_lacks_the_release_takes_the_first_one_back(from_2_2: Story) -> None:
    before = from_2_2.processes()
    with changed_release(from_2_2, shutil.rmtree):
        approval, _ = from_2_2.order("deploy billing 2.3 to staging")
        assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
        done = from_2_2.decide("approve", approval)
        after = from_2_2.processes()
        assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
    assert done.code == 5, done.out
    assert (after["app-01"] != before["app-01"], after["app-02"]) == (True, before["app-02"])
    for part in (
        "billing 2.3 on app-01: was undone.",
        "billing 2.3 on app-02: failed.",
        "unknown version '2.3' of billing; ready are: 2.2, 2.4-broken",
        "Reading back showed that it did not happen.",
        f"app-01: billing 2.2 was deployed in place of 2.3 and runs as process {after['app-01']}.",
        "Of 2 predicted changes none stand. Not made: service-deploy on app-02."
        " Made and taken back: service-deploy on app-01.",
    ):
        assert part in done.out, done.out
    assert "2.3 was deployed" not in done.out


def test_the_second_host_that_is_not_well_after_it_takes_both_back(from_2_2: Story) -> None:
    before = from_2_2.processes()
    with changed_release(from_2_2, lambda release: (release / "BROKEN").write_text("answers 500\n")):
        approval, _ = from_2_2.order("deploy billing 2.3 to staging")
        done = from_2_2.decide("approve", approval)
        after = from_2_2.processes()
        assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
    assert done.code == 5, done.out
    assert all(after[name] != before[name] for name in before)
    for part in (
        "billing 2.3 on app-01: was undone.",
        "billing 2.3 on app-02: was undone.",
        "asking billing on app-02 for its version: failed.",
        f"app-01: billing 2.2 was deployed in place of 2.3 and runs as process {after['app-01']}.",
        f"app-02: billing 2.2 was deployed in place of 2.3 and runs as process {after['app-02']}.",
        "Of 2 predicted changes none stand.",
    ):
        assert part in done.out, done.out
    assert "2.3 was deployed" not in done.out


def test_a_broken_release_on_one_host_is_undone_too(from_2_2: Story) -> None:
    approval, said = from_2_2.order("deploy billing 2.4-broken to app-01")
    assert "level 1" in said
    done = from_2_2.machine.run("approvals", "approve", approval)
    assert done.code == 5, done.out
    assert "billing 2.4-broken on app-01: was undone." in done.out
    assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}


def test_a_release_that_does_not_lie_ready_changes_nothing(from_2_2: Story) -> None:
    before = from_2_2.processes()
    approval, _ = from_2_2.order("deploy billing 9.9 to staging")
    done = from_2_2.decide("approve", approval)
    assert done.code == 5
    assert "unknown version '9.9' of billing; ready are: 2.2, 2.3, 2.4-broken" in done.out
    assert "Reading back showed that it did not happen." in done.out
    assert "billing 9.9 on app-02: was not run." in done.out
    assert from_2_2.processes() == before


def test_the_former_version_is_an_order_like_any_other(from_2_2: Story) -> None:
    approval, _ = from_2_2.order("deploy billing 2.3 to app-01")
    assert from_2_2.machine.run("approvals", "approve", approval).code == 0
    assert from_2_2.served() == {"app-01": "2.3", "app-02": "2.2"}
    asked = from_2_2.machine.run("ask", "which version of billing runs in staging?")
    assert asked.out == "app-01: billing answers version 2.3.\napp-02: billing answers version 2.2.\n"


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [
        ("deploy billing 2.3 to nowhere", 4, "Which host do you mean?"),
        ("deploy billing 2.3 to production", 4, "billing does not run in production."),
        ("deploy billing to staging", 4, "Which version?"),
        ("deploy 2.3 everywhere", 6, ""),
    ],
)
def test_what_is_not_clear_is_asked_and_nothing_runs(from_2_2: Story, order: str, code: int, words: str) -> None:
    before = from_2_2.processes()
    done = from_2_2.machine.run("ask", order, "--session", f"sess_{abs(hash(order))}")
    assert (done.code, words in done.out) == (code, True), done.out
    assert from_2_2.processes() == before


def test_the_level_of_the_very_call_is_explained_without_running_it(from_2_2: Story) -> None:
    call = ("tools", "show", "service-deploy", "--input", "service=billing", "--input", "version=2.3")
    wide = from_2_2.machine.reply(*call, "--target", "app-01", "--target", "app-02")
    assert (wide["risk"], wide["level"], wide["outcome"]) == ("high", 2, "approve")
    one = from_2_2.machine.reply(*call, "--target", "app-01")
    assert (one["risk"], one["level"], one["reasons"]) == ("medium", 1, ["something is changed"])
    told = from_2_2.machine.run(*call, "--target", "app-01").out
    assert "Level: 1, the requester confirms it" in told
    assert from_2_2.served() == {"app-01": "2.2", "app-02": "2.2"}
