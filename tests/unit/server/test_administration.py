from pathlib import Path

import pytest

from opsconductor.domain.errors import OpsConductorError
from opsconductor.server.administration import Administration
from opsconductor.server.credentials import BEARER
from opsconductor.server.import_order import ImportOrder
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def admin_of(door: Door, name: str = "requester") -> Administration:
    return Administration(door.engine, door.credentials, await door.identity(name))


def write(file: Path, *rows: str) -> Path:
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "hosts.csv", "name,type,tenant", "sw-1,switch,Blue", "sw-2,switch,Red")


async def code_of(coming: object) -> str:
    with pytest.raises(OpsConductorError) as refused:
        await coming  # type: ignore[misc]
    return refused.value.code


async def test_a_preview_tells_the_difference_and_changes_nothing(door: Door, table: Path) -> None:
    admin = await admin_of(door)
    preview = await admin.import_assets(ImportOrder(kind="csv", source=str(table), dry_run=True))
    assert (preview["added"], preview["dry_run"]) == (["sw-1", "sw-2"], True)
    assert str(preview["text"]).startswith("Preview of source csv: 2 added")
    done = await admin.import_assets(ImportOrder(kind="csv", source=str(table)))
    assert done["added"] == ["sw-1", "sw-2"]
    again = await admin.import_assets(ImportOrder(kind="csv", source=str(table)))
    assert (again["added"], again["updated"], again["unchanged"]) == ([], [], 2)


async def test_what_is_gone_from_a_source_is_retired_on_request(door: Door, table: Path) -> None:
    admin = await admin_of(door)
    await admin.import_assets(ImportOrder(kind="csv", source=str(table)))
    write(table, "name,type,tenant", "sw-1,switch,Blue")
    kept = await admin.import_assets(ImportOrder(kind="csv", source=str(table)))
    assert kept["retired"] == []
    retired = await admin.import_assets(ImportOrder(kind="csv", source=str(table), retire_missing=True))
    assert retired["retired"] == ["sw-2"]


async def test_faults_of_a_file_are_told_and_nothing_is_stored(door: Door, table: Path) -> None:
    write(table, "name,type", "sw-9")
    assert await code_of((await admin_of(door)).import_assets(ImportOrder(kind="csv", source=str(table)))) == (
        "import.bad_file"
    )


async def test_only_administrators_import_and_hand_out_tokens(door: Door, table: Path) -> None:
    admin = await admin_of(door, "approver")
    for coming in (
        admin.import_assets(ImportOrder(kind="csv", source=str(table))),
        admin.tokens(),
        admin.create_token("", "", None),
        admin.revoke_token("tok_1"),
    ):
        assert await code_of(coming) == "rights.denied"


async def test_an_import_that_there_is_not_is_refused(door: Door) -> None:
    assert await code_of((await admin_of(door)).import_assets(ImportOrder(kind="xml", source="x"))) == "request.invalid"


async def test_a_token_is_shown_once_listed_without_secret_and_revoked(door: Door) -> None:
    admin = await admin_of(door)
    made = await admin.create_token("approver", "robot", 60)
    assert (made["identity"], made["label"]) == ("approver", "robot")
    assert made["expires_at"]
    secret = str(made["secret"])
    assert (await door.credentials.identity_of(secret, BEARER)).name == "approver"
    listed = await admin.tokens()
    assert secret not in str(listed)
    assert str(made["token_id"]) in str(listed)
    assert await admin.revoke_token(str(made["token_id"])) == {"token_id": made["token_id"], "revoked": True}
    assert await code_of(door.credentials.identity_of(secret, BEARER)) == "identity.bad_token"


async def test_a_token_for_nobody_is_refused_naming_who_there_is(door: Door) -> None:
    with pytest.raises(OpsConductorError) as refused:
        await (await admin_of(door)).create_token("nobody", "", None)
    assert refused.value.next_step == "Take one of these: approver, requester."
