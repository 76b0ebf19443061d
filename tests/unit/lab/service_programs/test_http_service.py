import json
import urllib.error
import urllib.request
from typing import Any

import pytest


def get(box: Any, path: str) -> Any:
    return urllib.request.urlopen(f"http://127.0.0.1:{box.service.port}{path}", timeout=5)


def test_it_tells_its_name_version_and_health(box: Any) -> None:
    box.answer("svc", "start", "billing")
    with get(box, "/version") as answer:
        assert answer.read() == b'{"service":"billing","version":"2.2"}'
        assert answer.headers["Content-Type"] == "application/json"
    with get(box, "/health?x=1") as answer:
        assert json.load(answer) == {"status": "ok", "service": "billing"}


@pytest.mark.parametrize("path", ["/", "/nothing", "/../VERSION", "/server.py"])
def test_any_other_path_is_not_found(box: Any, path: str) -> None:
    box.answer("svc", "start", "billing")
    with pytest.raises(urllib.error.HTTPError) as refused, get(box, path):
        pass
    assert refused.value.code == 404
    refused.value.close()


def test_a_broken_release_is_alive_and_fails_every_request(box: Any) -> None:
    box.answer("svc", "start", "billing")
    box.answer("svc", "deploy", "billing", "2.4-broken")
    with get(box, "/health") as answer:
        assert answer.status == 200
    for path in ("/version", "/", "/nothing"):
        with pytest.raises(urllib.error.HTTPError) as refused, get(box, path):
            pass
        assert refused.value.code == 500
        refused.value.close()


@pytest.mark.parametrize("box", ["web-01"], indirect=True)
def test_the_storefront_has_a_page(box: Any) -> None:
    box.answer("svc", "start", "storefront")
    with get(box, "/") as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"<h1>Storefront</h1>" in answer.read()


def test_a_service_whose_release_was_taken_away_ends_by_itself(box: Any, gone: Any) -> None:
    pid = box.answer("svc", "start", "billing")["pid"]
    (box.root / "opt/billing/2.2/VERSION").unlink()
    gone(pid)
