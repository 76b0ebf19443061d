from opsconductor.services.asset_service.seed import seed_assets


def test_the_seed_is_six_windows_workstations() -> None:
    assets = seed_assets("default")
    assert [asset.name for asset in assets] == ["WS-01", "WS-02", "WS-03", "WS-04", "WS-05", "WS-06"]
    assert {(asset.type, asset.platform, asset.os, asset.site, asset.owner, asset.source) for asset in assets} == {
        ("windows_workstation", "windows", "Windows 11", "HQ", "Operations", "seed")
    }
    assert len({asset.ip for asset in assets}) == 6


def test_the_seed_is_the_same_each_time_and_belongs_to_its_tenant() -> None:
    assert seed_assets("default") == seed_assets("default")
    assert not {asset.asset_id for asset in seed_assets("a")} & {asset.asset_id for asset in seed_assets("b")}
    assert {asset.tenant for asset in seed_assets("a")} == {"a"}
