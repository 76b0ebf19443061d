from pathlib import Path

import pytest

from opsconductor.adapters.asset_import.ansible import open_importer
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions

INI = """
# the whole plant
bastion ansible_host=192.0.2.1

[web]
web[01:03].example.com ansible_user=deploy
[web:vars]
environment = Prod
services = "nginx:443"

[db]
db-a ansible_host=10.0.0.5 ansible_port=2222 type="Database Server"  # a comment
db-b:2200

[windows]
win-1 ansible_connection=winrm ansible_port=5986 os='Windows Server 2022' ansible_password='p w'

[zurich:children]
web
db

[zurich:vars]
site=ZRH

[all:vars]
owner=Operations
ansible_user=ops
"""
YAML = """
all:
  vars: {owner: Operations, ansible_user: ops}
  hosts:
    bastion: {ansible_host: 192.0.2.1}
  children:
    zurich:
      vars: {site: ZRH}
      children:
        web:
          vars: {environment: Prod, services: ["nginx:443"]}
          hosts:
            web[01:03].example.com: {ansible_user: deploy}
        db:
          hosts:
            db-a: {ansible_host: 10.0.0.5, ansible_port: 2222, type: Database Server}
            db-b:2200:
    windows:
      hosts:
        win-1: {ansible_connection: winrm, ansible_port: 5986, os: Windows Server 2022, ansible_password: p w}
"""


async def read(source: Path) -> ImportedAssets:
    return await open_importer().read(source, "default", ImportOptions())


async def faults(source: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(BadInput) as caught:
        await read(source)
    assert caught.value.code == "import.bad_file"
    found = caught.value.facts["faults"]
    assert isinstance(found, list)
    return [(fault["file"], fault["line"], fault["message"]) for fault in found]


def write(folder: Path, **files: str) -> Path:
    """Files by name, `__` for `/` and `_dot_` for `.`; gives the first."""
    paths = [folder / name.replace("__", "/").replace("_dot_", ".") for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return paths[0]


async def by_name(source: Path) -> dict[str, Asset]:
    return {asset.name: asset for asset in (await read(source)).assets}


@pytest.mark.parametrize("content", [{"hosts": INI}, {"hosts_dot_yml": YAML}])
async def test_both_forms_tell_the_same(tmp_path: Path, content: dict[str, str]) -> None:
    imported = await read(write(tmp_path, **content))
    assets = {asset.name: asset for asset in imported.assets}
    assert set(assets) == {
        *("bastion", "web01.example.com", "web02.example.com", "web03.example.com", "db-a", "db-b", "win-1"),
    }
    web = assets["web02.example.com"]
    assert (web.type, web.platform, web.environment, web.site, web.owner) == (
        *("linux_server", "linux", "production", "ZRH", "Operations"),
    )
    assert web.services == (AssetService(name="nginx", port=443),)
    assert web.connection == {"connector": "ssh", "username": "deploy"}
    assert web.attributes == {"groups": ["zurich", "web"]}
    assert (web.source, web.source_id, web.tenant) == ("ansible", "web02.example.com", "default")
    db = assets["db-a"]
    assert (db.type, db.ip, db.site, db.environment) == ("database_server", "10.0.0.5", "ZRH", "")
    assert db.connection == {"connector": "ssh", "host": "10.0.0.5", "port": 2222, "username": "ops"}
    assert assets["db-b"].connection["port"] == 2200
    windows = assets["win-1"]
    assert (windows.type, windows.platform, windows.os) == ("windows_server", "windows", "Windows Server 2022")
    assert windows.connection == {"connector": "winrm", "port": 5986, "username": "ops"}
    assert (assets["bastion"].ip, assets["bastion"].attributes) == ("192.0.2.1", {})
    assert "p w" not in repr(imported)
    assert [warning.split(" ")[0] for warning in imported.warnings] == ["ansible_password"]


async def test_the_same_inventory_gives_the_same_assets(tmp_path: Path) -> None:
    source = write(tmp_path, hosts=INI)
    assert await read(source) == await read(source)


async def test_files_of_variables_beat_the_inventory_and_hosts_beat_groups(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        hosts="[web]\na role=inline\nb role=inline\nc\n[web:vars]\nsite=inline\nowner=inline\nstatus=inline\n",
        group_vars__all_dot_yml="site: folder-all\nowner: folder-all\nenvironment: staging\n",
        group_vars__web__1_dot_yml="owner: folder-web\n",
        group_vars__web__2="owner: folder-web-2\n",
        host_vars__b_dot_yaml="role: folder-host\nos: Debian 12\n",
        host_vars__stranger_dot_yml="role: [broken\n",
        group_vars__nobody="site: [broken\n",
    )
    found = await by_name(source)
    assert (found["a"].site, found["a"].owner, found["a"].status) == ("folder-all", "folder-web-2", "inline")
    assert (found["a"].role, found["b"].role, found["b"].os) == ("inline", "folder-host", "Debian 12")
    assert found["c"].environment == "staging"


async def test_a_narrow_group_beats_the_group_it_is_in(tmp_path: Path) -> None:
    found = await by_name(
        write(
            tmp_path,
            hosts="[a]\nh\n[z]\nh\n[wide:children]\na\nz\n[wide:vars]\nsite=wide\nrole=wide\n[a:vars]\nrole=a\n[z:vars]\n"
            "owner=z\n[a:vars]\nowner=a\nansible_group_priority=5\n",
        )
    )
    assert (found["h"].site, found["h"].role, found["h"].owner) == ("wide", "a", "a")
    assert found["h"].attributes["groups"] == ["wide", "z", "a"]


async def test_a_folder_of_inventories_is_read_as_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        one_dot_yml="web:\n  hosts: {w1: , w2: }\n",
        two="[db]\nd1\n[all:children]\nweb\n",
        README_dot_md="[not an inventory",
        _dot_hidden="[broken",
        group_vars__web="site: HQ\n",
        notes__x="y",
    )
    imported = await read(tmp_path)
    assert {asset.name: asset.site for asset in imported.assets} == {"w1": "HQ", "w2": "HQ", "d1": ""}
    assert imported.warnings == ("The folder notes was not read.",)


@pytest.mark.parametrize(
    ("connection", "platform", "connector"),
    [
        ("", "linux", "ssh"),
        ("ansible_connection=ansible.builtin.ssh", "linux", "ssh"),
        ("ansible_connection=psrp", "windows", "winrm"),
        ("ansible_connection=ssh ansible_shell_type=powershell", "windows", "ssh"),
        ("ansible_connection=ansible.netcommon.network_cli ansible_network_os=cisco.ios.ios", "network", "network_cli"),
        ("ansible_connection=community.docker.docker", "", "docker"),
        ("ansible_connection=winrm os='Windows 11'", "windows", "winrm"),
        ("os='Cisco IOS'", "network", "ssh"),
    ],
)
async def test_the_platform_follows_from_the_connection(
    tmp_path: Path, connection: str, platform: str, connector: str
) -> None:
    (asset,) = (await read(write(tmp_path, hosts=f"h {connection}\n"))).assets
    assert (asset.platform, asset.connection["connector"]) == (platform, connector)


async def test_templates_and_encrypted_values_are_left_out_and_told(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        hosts_dot_yml='all:\n  hosts:\n    a:\n      site: \'{{ lookup("pipe", "touch /tmp/pwned") }}\'\n'
        "      role: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n      owner: !unsafe 'x'\n",
        host_vars__a="$ANSIBLE_VAULT;1.1;AES256\n6162\n",
    )
    imported = await read(source)
    assert (imported.assets[0].site, imported.assets[0].role, imported.assets[0].owner) == ("", "", "x")
    assert imported.warnings == (
        "host_vars/a is encrypted with Ansible Vault and was left out.",
        "role of a is encrypted with Ansible Vault and was left out.",
        "site of a is a template and was left out.",
    )


async def test_variables_that_describe_something_else_are_not_kept(tmp_path: Path) -> None:
    source = write(tmp_path, hosts_dot_yml="all: {hosts: {a: {db_url: 'postgres://u:pw@h/', os: {family: x}}}}\n")
    imported = await read(source)
    assert "postgres" not in repr(imported)
    assert imported.warnings == ("os of a is no text and was left out.",)


async def test_a_reference_to_a_stored_credential_is_kept(tmp_path: Path) -> None:
    (asset,) = (await read(write(tmp_path, hosts="a credential_ref=lab host_key='ssh-ed25519 AAAA'\n"))).assets
    assert asset.connection == {"connector": "ssh", "credential_ref": "lab", "host_key": "ssh-ed25519 AAAA"}


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("hosts", "#!/bin/sh\ntouch {marker}\n", 1, "a dynamic inventory is never run"),
        ("hosts.yml", "plugin: amazon.aws.aws_ec2\nregions: [x]\n", 1, "dynamic inventory, which is never run"),
        ("hosts", "$ANSIBLE_VAULT;1.1;AES256\n6162\n", 1, "encrypted with Ansible Vault"),
        ("hosts", "[web\na\n", 1, "is no section"),
        ("hosts", "[web:kids]\na\n", 1, "is no section"),
        ("hosts", "\na 'open\n", 2, "cannot be read"),
        ("hosts", "a b\n", 1, "is no variable"),
        ("hosts", "[a:vars]\nx\n[a]\nh\n", 2, "is no variable"),
        ("hosts", "[a:children]\nb\n", 2, "names group b, which is nowhere"),
        ("hosts", "[b:vars]\nx=1\n[a]\nh\n", 1, "names group b, which is nowhere"),
        ("hosts", "[a:children]\nx=1\n", 2, "is no name of a group"),
        ("hosts", "[a:children]\nb\n[b:children]\na\n[c]\nh\n", 0, "contains itself"),
        ("hosts", "web[3:1]\n", 1, "ends before it begins"),
        ("hosts", "h ansible_port=many\n", 1, "is no port"),
        ("hosts", "h ip=300.1.1.1\n", 1, "is no IP address"),
        ("hosts", "", 0, "holds no asset"),
        ("hosts.yml", "all: [\n", 2, "is no YAML"),
        ("hosts.yml", "- a\n", 1, "a mapping of groups"),
        ("hosts.yml", "", 1, "a mapping of groups"),
        ("hosts.yml", "web:\n  hosts:\n    - a\n", 2, "hosts of group web must be a mapping"),
        ("hosts.yml", "web:\n  hosts:\n    a: x\n", 3, "host a must be a mapping"),
        ("hosts.yml", "web:\n  hosts: {a: , a: }\n", 2, "'a' stands twice"),
        ("hosts.yml", "a: &a\n  children:\n    b: *a\n", 1, "contains itself"),
        ("hosts.yml", "a: {children: {b: {children: {a: }}}}\n", 0, "contains itself"),
        ("hosts.yml", "web: {hosts: {'h[1:999999999]': }}\n", 1, "more than 100000 hosts"),
    ],
)
async def test_what_cannot_be_read_is_told_by_line(
    tmp_path: Path, name: str, content: str, line: int, words: str
) -> None:
    marker = tmp_path / "marker"
    (tmp_path / name).write_text(content.replace("{marker}", str(marker)))
    (tmp_path / name).chmod(0o755)
    found = await faults(tmp_path / name)
    assert [fault[1] for fault in found] == [line]
    assert words in found[0][2]
    assert not marker.exists()


async def test_faults_in_files_of_variables_name_the_file(tmp_path: Path) -> None:
    source = write(tmp_path, hosts="a\nb\n", host_vars__a_dot_yml="x: [\n", host_vars__b="- 1\n")
    assert [fault[0] for fault in await faults(source)] == ["host_vars/a.yml", "host_vars/b"]


async def test_a_host_name_that_is_a_path_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("role: stolen\n")
    folder = tmp_path / "inventory"
    folder.mkdir()
    (folder / "host_vars").mkdir()
    source = write(folder, hosts="../../secret\n")
    assert (await read(source)).assets[0].role == ""


async def test_nothing_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await read(tmp_path / "gone")
    assert caught.value.code == "import.unreadable"


async def test_a_bomb_of_aliases_is_read_in_time(tmp_path: Path) -> None:
    levels = ["a0: &a0 {hosts: {h: }}"]
    levels += [f"a{n}: &a{n} {{children: {{x{n}: *a{n - 1}, y{n}: *a{n - 1}}}}}" for n in range(1, 25)]
    assert len((await read(write(tmp_path, hosts_dot_yml="\n".join(levels)))).assets) == 1
