"""What an import is asked to do, the same at every door."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ImportOrder:
    """`kind` csv | ansible | netbox, from a path of this machine or, for netbox, a URL."""

    kind: str
    source: str
    dry_run: bool = False
    retire_missing: bool = False  # assets of the same source that are not in it any more are retired
    columns: Mapping[str, str] = field(default_factory=dict)  # csv: column of the file → field of ours
    record_kind: str = ""  # netbox export: device | virtual_machine
    token_ref: str = ""  # netbox API: reference of its token
