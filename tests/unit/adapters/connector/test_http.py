"""HTTP calls against real servers: checked addresses only, capped bodies, nothing followed, nothing carried over."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from opsconductor.adapters.connector.http import HttpConnector, ServiceAddress, open_http_connector
from opsconductor.adapters.tool_output import MAX_BYTES
from opsconductor.domain.assets import AssetService
from opsconductor.domain.catalogue import ToolRun
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.testing.doubles.inventory.in_memory import an_asset

HANG = b"hang"
CUT = b"cut"


@dataclass
class Far:
    """A server that answers raw bytes, and keeps what it was sent."""

    answer: bytes = b""
    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def say(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        named = {"Content-Length": str(len(body)), **{key.replace("_", "-"): value for key, value in headers.items()}}
        lines = [f"HTTP/1.1 {status}", *(f"{key}: {value}" for key, value in named.items()), "", ""]
        self.answer = "\r\n".join(lines).encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                length = next((line for line in head.lower().splitlines() if line.startswith("content-length:")), ":0")
                self.bodies.append(await reader.readexactly(int(length.partition(":")[2])))
                if self.answer == CUT:
                    return
                writer.write(self.answer.removesuffix(HANG))
                await writer.drain()
                if self.answer.endswith(HANG):
                    await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def far(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Far]:
    server = Far()
    server.say(b"{}")
    listening = await asyncio.start_server(server.serve, host, 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


Known = Callable[[str, str, int], Awaitable[bool]]


async def everything(tenant: str, address: str, port: int) -> bool:
    return True


async def nothing(tenant: str, address: str, port: int) -> bool:
    return False


def resolving(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@asynccontextmanager
async def connector(
    known: Known = everything,
    services: Mapping[str, ServiceAddress] | None = None,
    **parts: Any,
) -> AsyncIterator[HttpConnector]:
    async with open_http_connector(services or {}, known) as opened:
        for name, value in parts.items():
            setattr(opened, f"_{name}", value)
        yield opened


def call(url: str = "", *, parse: str = "json", timeout_s: float = 5, **http: Json) -> ConnectorCall:
    run = ToolRun(http={"method": "GET", "url": {"input": "url"}, **http}, parse=parse)
    return ConnectorCall(run=run, inputs={"url": url}, tenant="default", timeout_s=timeout_s)


async def typed(url: str, known: Known = everything, **parts: Any) -> ConnectorResult:
    async with connector(known, **parts) as http:
        return await http.call(call(url))


LOOPBACK_SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[0:0:0:0:0:ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::]:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127.0.0.1%00.example.org:{port}/",
    "http://example.org@127.0.0.1:{port}/",
    "http://user:secret@127.0.0.1:{port}/",
    "http://127.0.0.1\\@example.org:{port}/",
    "http://example.org\\@127.0.0.1:{port}/",
    "http://[::1%lo]:{port}/",
    "\thttp://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\n.example.org/",
    "//127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "http://[127.0.0.1:{port}/",
    "http://:{port}/",
    "http://127.0.0.1:99999/",
]


@pytest.mark.parametrize("spelling", LOOPBACK_SPELLINGS)
async def test_no_spelling_of_a_private_address_is_called(spelling: str) -> None:
    async with far() as server:
        answer = await typed(spelling.format(port=server.port), nothing)
        assert server.heads == []
    assert answer.outcome == "not_sent"
    assert answer.error_code in ("connector.forbidden_address", "connector.unreachable")


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "168.63.129.16", "224.0.0.1", "0.0.0.0", "[::]"],
)
async def test_some_addresses_are_never_called_whoever_owns_them(address: str) -> None:
    answer = await typed(f"http://{address}/latest/meta-data", everything)
    assert (answer.outcome, answer.error_code) == ("not_sent", "connector.forbidden_address")


async def test_a_private_address_of_an_asset_is_called() -> None:
    asked = []

    async def known(tenant: str, address: str, port: int) -> bool:
        asked.append((tenant, address))
        return True

    async with far() as server:
        answer = await typed(f"http://[::ffff:127.0.0.1]:{server.port}/", known)
    assert asked == [("default", "127.0.0.1")]
    assert answer.ok


@pytest.mark.parametrize("order", [("93.184.216.34", "127.0.0.1"), ("127.0.0.1", "93.184.216.34")])
async def test_a_name_with_one_private_address_is_refused(order: tuple[str, ...]) -> None:
    async with far() as server:
        answer = await typed(f"http://two.example:{server.port}/", nothing, resolve=resolving(*order))
        assert server.heads == []
    assert answer.error_code == "connector.forbidden_address"


async def test_the_checked_address_is_connected_to_and_the_name_is_kept() -> None:
    """The name resolves once: a second look-up would be answered otherwise."""
    answers = [["127.0.0.1"], ["127.0.0.9"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    async with far() as server:
        answer = await typed(f"http://Rebound.Example:{server.port}/a?b=c#d", resolve=rebinding)
        (head,) = server.heads
    assert answer.ok
    assert len(answers) == 1
    assert head.startswith("GET /a?b=c HTTP/1.1")
    assert f"host: rebound.example:{server.port}" in head.lower()


async def test_the_next_address_is_tried_only_when_one_takes_no_connection() -> None:
    async with far() as server:
        answer = await typed(f"http://two.example:{server.port}/", resolve=resolving("127.0.0.2", "127.0.0.1"))
        assert len(server.heads) == 1
        server.answer = CUT
        cut = await typed(f"http://two.example:{server.port}/", resolve=resolving("127.0.0.1", "127.0.0.1", "::1"))
        assert len(server.heads) == 2
    assert answer.ok
    assert cut.outcome == "unknown"


async def test_tls_names_the_host_and_checks_its_certificate(tmp_path: Path) -> None:
    context, trusted = _certificate(tmp_path, "secure.example")
    names: list[str | None] = []
    context.sni_callback = lambda sock, name, ctx: names.append(name)
    async with far(context) as server, httpx2.AsyncClient(verify=trusted, trust_env=False) as client:
        http = HttpConnector(client, {}, everything, resolving("127.0.0.1"))
        good = await http.call(call(f"https://secure.example:{server.port}/"))
        other = await http.call(call(f"https://other.example:{server.port}/"))
    assert good.ok
    assert (other.outcome, other.error_code) == ("not_sent", "connector.unreachable")
    assert names[:2] == ["secure.example", "other.example"]


async def test_redirects_are_told_and_not_followed() -> None:
    async with far() as server, far() as behind:
        server.say(b"", "302 Found", Location=f"http://127.0.0.1:{behind.port}/")
        async with connector() as http:
            answer = await http.call(call(f"http://127.0.0.1:{server.port}/", parse="none"))
        assert behind.heads == []
    assert isinstance(answer.output, dict)
    assert (answer.output["status"], answer.output["ok"]) == (302, True)


async def test_no_cookie_is_carried_into_the_next_call() -> None:
    async with far() as server:
        server.say(b"{}", Set_Cookie="session=stolen; Path=/")
        async with connector() as http:
            for _ in range(2):
                await http.call(call(f"http://127.0.0.1:{server.port}/"))
    assert "stolen" not in "".join(server.heads)


async def test_a_packed_bomb_is_unpacked_only_to_the_limit() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024), mtime=0)
    assert len(bomb) < MAX_BYTES
    async with far() as server:
        server.say(bomb, Content_Encoding="gzip")
        answer = await typed(f"http://127.0.0.1:{server.port}/")
        assert "accept-encoding: identity" in server.heads[0].lower()
    assert (answer.outcome, answer.ok, answer.error_code) == ("done", False, "connector.too_large")
    assert answer.response["bytes"] == len(bomb)


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(b'{"a": 1}', mtime=0), "gzip", ""),
        (b"no gzip", "gzip", "connector.bad_output"),
        (b"{}", "br", "connector.bad_output"),
        (b"{}", "identity", ""),
    ],
)
async def test_packed_bodies(body: bytes, encoding: str, code: str) -> None:
    async with far() as server:
        server.say(body, Content_Encoding=encoding)
        assert (await typed(f"http://127.0.0.1:{server.port}/")).error_code == code


@pytest.mark.parametrize("parse", ["json", "none"])
async def test_an_endless_body_is_cut_at_the_limit(parse: str) -> None:
    async with far() as server:
        server.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + bytes(65536) + b"\r\n"
        server.answer += (b"10000\r\n" + bytes(65536) + b"\r\n") * 40 + HANG
        async with connector() as http:
            answer = await http.call(call(f"http://127.0.0.1:{server.port}/", parse=parse))
    assert answer.error_code == "connector.too_large"


async def test_a_slow_body_ends_with_the_call() -> None:
    async with far() as server:
        server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslow" + HANG
        async with connector() as http:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await http.call(call(f"http://127.0.0.1:{server.port}/"))


@pytest.mark.parametrize("answer", [CUT, b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"])
async def test_an_exchange_that_breaks_after_sending_is_unknown(answer: bytes) -> None:
    async with far() as server:
        server.answer = answer
        told = await typed(f"http://127.0.0.1:{server.port}/")
    assert (told.outcome, told.ok, told.error_code) == ("unknown", False, "connector.unreachable")


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with far() as server:
        port = server.port
    told = await typed(f"http://127.0.0.1:{port}/")
    assert (told.outcome, told.error_code) == ("not_sent", "connector.unreachable")


@pytest.mark.parametrize(
    ("status", "body", "ok", "code"),
    [
        ("200 OK", b'{"a": 1}', True, ""),
        ("204 No Content", b"", False, "connector.bad_output"),
        ("200 OK", b'{"a": NaN}', False, "connector.bad_output"),
        ("200 OK", b'{"a": 1, "a": 2}', False, "connector.bad_output"),
        ("404 Not Found", b"{}", False, "connector.failed"),
        ("500 Broken", b"{}", False, "connector.failed"),
        ("301 Moved", b"{}", False, "connector.failed"),
    ],
)
async def test_answers_are_judged(status: str, body: bytes, ok: bool, code: str) -> None:
    async with far() as server:
        server.say(body, status)
        answer = await typed(f"http://127.0.0.1:{server.port}/")
    assert (answer.outcome, answer.ok, answer.error_code) == ("done", ok, code)


async def test_our_own_service_gets_its_token_and_the_body_as_data() -> None:
    async with far() as server:
        server.say(b'{"total_count": 6}')
        address = ServiceAddress(
            base_url=lambda: f"http://127.0.0.1:{server.port}", token=lambda tenant: f"tok-{tenant}"
        )
        asked: dict[str, Json] = {"query_type": {"input": "kind"}, "filters": {"input": "absent"}}
        run = ToolRun(http={"method": "POST", "service": "asset_service", "path": "/query", "body": asked})
        wanted = ConnectorCall(run=run, inputs={"kind": 'count", "x": "'}, tenant="blue", timeout_s=5)
        async with connector(services={"asset_service": address}) as http:
            answer = await http.call(wanted)
            missing = await http.call(replace(wanted, run=ToolRun(http={"service": "other"})))
    assert answer.output == {"total_count": 6}
    assert server.bodies == [b'{"query_type": "count\\", \\"x\\": \\""}']
    assert "authorization: bearer tok-blue" in server.heads[0].lower()
    assert "tok-blue" not in repr(answer)
    assert (missing.outcome, missing.error_code) == ("not_sent", "connector.unknown")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_service_of_a_target_is_called_at_its_inventory_address(host: str) -> None:
    async with far(host=host) as server:
        services = (AssetService(name="other", port=1), AssetService(name="billing", port=server.port))
        target = an_asset("app-01", ip=host, services=services)
        run = ToolRun(http={"method": "GET", "path": "/health"})
        wanted = ConnectorCall(run=run, inputs={"service": "billing"}, tenant="default", timeout_s=5, target=target)
        async with connector(nothing) as http:
            answer = await http.call(wanted)
            nowhere = await http.call(replace(wanted, inputs={"service": "ledger"}))
    assert answer.ok
    assert server.heads[0].startswith("GET /health")
    assert (nowhere.outcome, nowhere.error_code) == ("not_sent", "connector.unreachable")


async def test_a_request_without_an_address_is_not_sent() -> None:
    async with connector() as http:
        answer = await http.call(replace(call(), inputs={}))
    assert (answer.outcome, answer.error_code) == ("not_sent", "connector.failed")


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


GATEWAY_WORDS = ("408 Request Timeout", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout")


@pytest.mark.parametrize("parse", ["json", "none"])
@pytest.mark.parametrize("status", GATEWAY_WORDS)
@pytest.mark.parametrize("size", [2, MAX_BYTES + 1])
async def test_a_gateways_word_does_not_tell_that_a_change_has_ended(status: str, parse: str, size: int) -> None:
    """Whoever stands between answers so while the far side may still be at it."""
    async with far() as server, connector() as http:
        server.say(b"x" * size, status)
        asked = call(f"http://127.0.0.1:{server.port}/", parse=parse, method="POST")
        changed = await http.call(replace(asked, changing=True))
        read = await http.call(asked)
    assert (changed.outcome, changed.ok, changed.error_code) == ("unknown", False, "connector.failed")
    assert changed.response["status"] == int(status[:3])
    assert read.outcome == "done"


@pytest.mark.parametrize("status", ["400 Bad Request", "409 Conflict", "500 Internal Server Error"])
async def test_the_far_sides_own_refusal_of_a_change_is_its_last_word(status: str) -> None:
    async with far() as server, connector() as http:
        server.say(b"{}", status)
        asked = call(f"http://127.0.0.1:{server.port}/", method="POST")
        answer = await http.call(replace(asked, changing=True))
    assert (answer.outcome, answer.ok, answer.error_code) == ("done", False, "connector.failed")
