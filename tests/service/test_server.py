"""A running server: commands of its home talk to it, HTTP clients too, and what it promised survives its end."""

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opsconductor.cli.main import run
from opsconductor.server.server_lock import running_server
from tests.service.conftest import LONGEST_S, Done, Machine, Server
from tests.service.homes import new_home

QUESTION = "How many assets do we have?"
ANSWER = "You have 6 assets in the system:\n- 6 Windows workstations\n"
Told = Callable[[httpx2.Response], tuple[int, str]]


def test_commands_talk_to_the_server_and_both_doors_see_the_same(server: Server, http: httpx2.Client) -> None:
    machine = server.machine
    reply = machine.reply("ask", QUESTION)
    assert reply["message"] + "\n" == ANSWER
    assert http.get(f"/turns/{reply['turn_id']}").json()["channel"] == "cli"
    asked = http.post("/pipeline", json={"request": QUESTION}).json()
    assert asked["turn_id"] in machine.run("turns", "list").out
    assert machine.run("executions", "show", asked["execution"]["execution_id"]).code == 0
    assert machine.run("assets", "count").out.startswith("6 assets")
    assert "service-restart" in machine.run("tools", "list").out
    assert machine.run("approvals", "list").out == "No approvals.\n"
    assert f"Running at {server.address}" in machine.run("doctor").out


def test_both_ways_print_the_same_fields(server: Server, machine: Machine) -> None:
    here, there = machine.reply("ask", QUESTION), server.machine.reply("ask", QUESTION)
    assert list(here) == list(there)
    assert list(here["execution"]) == list(there["execution"])


def test_errors_have_the_same_code_at_both(
    server: Server, machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(machine.home))
    assert run(["assets", "count"]) == 0
    capsys.readouterr()
    for arguments in (
        ["ask", ""],
        ["executions", "show", "a/b"],
        ["approvals", "approve", "none"],
        ["assets", "import", "csv", "/does/not/exist"],
        ["assets", "list", "--where", "colour=red"],
        ["ask", "help", "--as", "approver"],
        ["ask", "help", "--tenant", "other"],
    ):
        code = run(arguments)
        here, there = Done(code=code, out="", err=capsys.readouterr().err), server.machine.run(*arguments)
        assert (here.code, here.error) == (there.code, there.error), arguments


def test_questions_at_once_from_shell_and_network_lose_and_mix_nothing(server: Server, http: httpx2.Client) -> None:
    texts = [QUESTION, "show me WS-01", "show me WS-02", "show me WS-03"]
    replies: dict[str, Any] = {}

    def ask(text: str) -> None:
        replies[text] = http.post("/pipeline", json={"request": text}).json()

    threads = [threading.Thread(target=ask, args=[text]) for text in texts]
    command = server.machine.start("ask", "show me WS-04", "--json")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    replies["show me WS-04"] = json.loads(command.communicate(timeout=LONGEST_S)[0])
    for text, reply in replies.items():
        assert reply["kind"] == "answer"
        assert text.split()[-1] in reply["message"] or text == QUESTION
        assert http.get(f"/turns/{reply['turn_id']}").json()["message"] == text
    assert len({reply["turn_id"] for reply in replies.values()}) == 5


def test_a_conversation_shows_its_phases_to_nobody_but_a_terminal(server: Server) -> None:
    done = server.machine.run("chat", input=f"{QUESTION}\n")
    assert (done.code, done.out.startswith(ANSWER), done.err) == (0, True, "")


def test_a_sign_in_link_opens_the_page_once(server: Server, problem_of: Told) -> None:
    url = server.machine.run("tokens", "create", "--sign-in").out.strip()
    with server.http() as browser:
        assert browser.get("/").status_code == 401
        opened = browser.get(url, follow_redirects=True)
        assert (opened.status_code, "API reference" in opened.text) == (200, True)
        refused = browser.post("/pipeline", json={"request": "help"})
        assert problem_of(refused) == (403, "request.origin")
        asked = browser.post("/pipeline", json={"request": "help"}, headers={"Origin": server.address})
        assert asked.json()["kind"] == "answer"
    with server.http() as another:
        assert another.get(url).status_code == 401


def test_a_second_server_and_a_foreign_port_are_told(server: Server, machine: Machine) -> None:
    second = server.machine.run("serve", "--port", "0")
    assert (second.code, second.error) == (1, "server.already_running")
    other = machine.run("serve", "--port", server.address.rpartition(":")[2])
    assert (other.code, other.error) == (1, "server.port_in_use")


def test_nobody_else_of_this_machine_reaches_the_socket(server: Server) -> None:
    told = running_server(server.machine.home)
    assert told is not None
    assert os.stat(told.socket).st_mode & 0o777 == 0o600
    assert os.stat(Path(told.socket).parent).st_mode & 0o777 == 0o700


def raw(server: Server, request: bytes) -> bytes:
    """What the server answers to these very bytes."""
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
            if b"\r\n\r\n" in answer:
                break
        return answer


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", b"421"),
        (b"POST /pipeline HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n", b"413"),
        (b"POST /pipeline HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil\r\nContent-Length: 0\r\n\r\n", b"403"),
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET /%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
    ],
)
def test_odd_requests_get_a_plain_refusal(server: Server, request_bytes: bytes, status: bytes) -> None:
    assert raw(server, request_bytes).split(b" ")[1] == status


@pytest.mark.parametrize(
    "words",
    [
        "is '; DROP TABLE assets; -- up?",
        "restart billing on $(reboot)",
        "show me <script>alert(1)</script>",
        "ping ../../etc/passwd",
        "🔥 👩\u200d💻",
        "¿Cuántos servidores tenemos?",
        "サーバーは何台ありますか",
        "restart billing on " + " ".join(f"app-{number:02}" for number in range(100)),
        "x" * 16_384,
        "a " * 8_000,
    ],
)
def test_hostile_words_are_answered_in_time_and_do_nothing(http: httpx2.Client, words: str) -> None:
    response = http.post("/pipeline", json={"request": words})
    assert response.status_code == 200
    assert response.elapsed.total_seconds() < 2
    assert response.json()["kind"] in ("answer", "question", "refused")
    assert http.get("/assets").json()["total_count"] == 6


@pytest.mark.parametrize("words", ["how many assets do we have\u202e?", "restart bil\u200bling on app-01", "nul \x00"])
def test_words_that_hide_something_are_refused(http: httpx2.Client, words: str) -> None:
    response = http.post("/pipeline", json={"request": words})
    assert (response.status_code, response.json()["code"]) == (422, "request.bad_text")


def test_a_client_that_hangs_up_loses_nothing(server: Server, http: httpx2.Client) -> None:
    token = http.headers["authorization"]
    host, port = server.address.removeprefix("http://").split(":")
    body = json.dumps({"request": "show me WS-06"}).encode()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /pipeline HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        # The request is taken once another one, sent later, has been answered.
        assert http.get("/healthz").status_code == 200
    for _ in range(200):
        if any(one["message"] == "show me WS-06" for one in http.get("/turns?limit=5").json()):
            break
        http.get("/readyz")
    else:
        pytest.fail("the turn of the client that hung up has no record")


def test_the_same_key_gives_the_same_bytes_also_after_a_restart(machine: Machine, problem_of: Told) -> None:
    body, headers = {"request": QUESTION}, {"Idempotency-Key": "order-1"}
    with machine.serving() as server, server.signed_in() as http:
        token = http.headers["authorization"]
        first = http.post("/pipeline", json=body, headers=headers)
        assert http.post("/pipeline", json=body, headers=headers).content == first.content
    with machine.serving() as server, server.http(Authorization=token) as http:
        assert http.post("/pipeline", json=body, headers=headers).content == first.content
        other = http.post("/pipeline", json={"request": "help"}, headers=headers)
        assert problem_of(other) == (409, "request.idempotency_reused")
        assert len(http.get("/turns").json()) == 1


def test_a_killed_server_is_recovered_by_the_next_command(machine: Machine) -> None:
    with machine.serving() as server:
        assert machine.reply("ask", QUESTION)["kind"] == "answer"
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(timeout=LONGEST_S)
    done = machine.run("ask", QUESTION)
    assert (done.code, done.out) == (0, ANSWER)
    with machine.serving():
        assert machine.run("ask", QUESTION).out == ANSWER


def test_a_home_with_a_long_path_is_served_too(trained: Path, tmp_path: Path) -> None:
    machine = Machine(home=new_home(tmp_path / ("deep" * 20) / ("er" * 30), trained))
    with machine.serving():
        assert machine.run("ask", QUESTION).out == ANSWER
        told = running_server(machine.home)
        assert told is not None
        assert len(told.socket) <= 100
    assert not Path(told.socket).parent.exists()


def test_standard_error_is_json_lines_without_secrets(machine: Machine) -> None:
    machine = Machine(home=machine.home, environment={"OPSCONDUCTOR_LOG_LEVEL": "info"})
    with machine.serving() as server:
        with server.signed_in() as http:
            token = http.headers["authorization"].split()[1]
            http.get(f"/tools?token={token}")
            http.get(server.sign_in_url)
            http.post("/pipeline", json={"request": f"show me {token}"})
        server.process.send_signal(signal.SIGTERM)
        _, err = server.process.communicate(timeout=LONGEST_S)
    first, *lines = err.splitlines()
    assert first.startswith("New home.")
    events = [json.loads(line) for line in lines]
    assert {"http.request"} <= {event["event"] for event in events}
    assert token not in "\n".join(lines)
    assert server.sign_in_url.partition("=")[2] not in "\n".join(lines)
    assert server.process.returncode == 0
