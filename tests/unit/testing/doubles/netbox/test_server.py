import json
import urllib.error
import urllib.request

import pytest

from opsconductor.testing.doubles.netbox.objects import virtual_machine
from opsconductor.testing.doubles.netbox.server import MACHINES, NetBoxDouble, netbox_double

ROWS = [virtual_machine(number, {"name": f"vm-{number}"}) for number in range(1, 121)]


def get(url: str, token: str = "") -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"} if token else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        assert response.headers["API-Version"]
        found: dict[str, object] = json.load(response)
        return found


@pytest.mark.parametrize("limit", ["", "?limit=0", "?limit=1000"])
def test_a_page_holds_fifty_whatever_is_asked(limit: str) -> None:
    with netbox_double(NetBoxDouble(machines=ROWS)) as netbox:
        page = get(netbox.url + MACHINES + limit)
        assert (page["count"], len(page["results"]), page["previous"]) == (120, 50, None)  # type: ignore[arg-type]
        assert page["next"] == f"{netbox.url}{MACHINES}?limit=50&offset=50"
        second = get(str(page["next"]))
        last = get(str(second["next"]))
        assert (len(last["results"]), last["next"]) == (20, None)  # type: ignore[arg-type]
        assert last["previous"] == f"{netbox.url}{MACHINES}?limit=50&offset=50"


def test_who_has_no_token_is_refused() -> None:
    with netbox_double(NetBoxDouble(machines=ROWS, token="right")) as netbox:
        assert get(netbox.url + MACHINES, "right")["count"] == 120
        with pytest.raises(urllib.error.HTTPError, match="403") as caught:
            get(netbox.url + MACHINES, "wrong")
        caught.value.close()


def test_links_are_whole_addresses_and_other_paths_are_not_found() -> None:
    with netbox_double(NetBoxDouble(machines=ROWS)) as netbox:
        first = get(netbox.url + MACHINES)["results"][0]  # type: ignore[index]
        assert first["url"] == f"{netbox.url}{MACHINES}1/"
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            get(netbox.url + "/api/dcim/racks/")
        caught.value.close()
