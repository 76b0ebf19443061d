import httpx2
import pytest

from opsconductor.adapters.asset_import.netbox import session
from opsconductor.adapters.asset_import.netbox.session import BoundSession, open_client
from opsconductor.domain.errors import BadInput
from opsconductor.testing.doubles.netbox.server import NetBoxDouble, netbox_double


def test_a_link_elsewhere_is_asked_at_home() -> None:
    with netbox_double(NetBoxDouble()) as netbox, open_client() as client:
        reply = BoundSession(client, netbox.url).get("https://evil.example/api/?limit=1", {"authorization": "Token t"})
        assert (reply.ok, reply.json()) == (True, {"dcim": f"{netbox.url}/api/dcim/"})
        assert netbox.asked == ["/api/?limit=1"]


def test_a_page_above_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_PAGE_BYTES", 10)
    with netbox_double(NetBoxDouble()) as netbox, open_client() as client:
        with pytest.raises(BadInput) as caught:
            BoundSession(client, netbox.url).get(netbox.url + "/api/")
        assert caught.value.code == "import.unreadable"


def test_time_outs_are_set_and_proxies_are_not() -> None:
    with open_client() as client:
        assert client.timeout == httpx2.Timeout(30.0, connect=5.0)
        assert not client.trust_env
