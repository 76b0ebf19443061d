"""The asset service: the inventory over HTTP, in `serve`'s own process or alone (port 3001).

`app.AssetService` answers, `running.running_service` puts it on a socket, `seed.seed_assets` and
`lab_assets.assets_from_lab` are what a home starts with, `import_wording.describe_diff` words an import.
"""
