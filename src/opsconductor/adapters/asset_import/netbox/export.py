"""Devices or virtual machines from a CSV file that NetBox exported, in either of its two wordings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from opsconductor.adapters.asset_records import Faults, Record, read_table, read_text
from opsconductor.domain.asset_naming import is_secret_name, snake
from opsconductor.domain.errors import BadInput

KINDS = ("device", "virtual_machine")
NOTHING = "\u2014"  # how a table of NetBox shows an empty cell

# Column titles of the exported table, and field names of NetBox's own import format.
_FIELDS = {
    "id": "id",
    "name": "name",
    "status": "status",
    "tenant": "owner",
    "site": "site",
    "role": "role",
    "device_role": "role",
    "platform": "platform",
    "ip_address": "ip",
    "primary_ip": "ip",
}
_SECOND_ADDRESSES = ("ipv4_address", "primary_ip4", "ipv6_address", "primary_ip6")
_ATTRIBUTES = {
    "type": "model",
    "device_type": "model",
    "memory": "memory_mb",
    "serial_number": "serial",
}
_LEFT_OUT = ("comments", "config_template", "local_context_data", "config_context", "created", "last_updated", "url")
_OF_DEVICES = {"type", "device_type", "manufacturer", "rack", "position", "face", "serial_number", "serial"}
_OF_MACHINES = {"vcpus", "memory", "memory_mb", "disk", "disk_gb", "disk_size_gb", "virtual_disks"}


def read_export(path: Path, kind: str, faults: Faults) -> tuple[list[Record], list[str]]:
    """Records and warnings of the file; `kind` decides when the columns do not. Raises `import.*`."""
    if kind and kind not in KINDS:
        raise BadInput("request.invalid", f"There is no kind {kind[:60]!r}; kinds are {' and '.join(KINDS)}.")
    header, rows = read_table(read_text(path), faults)
    columns = [snake(name) for name in header]
    kind = kind or _kind_of(columns)
    if not kind:
        faults.add("these columns tell neither devices nor virtual machines; name the kind", line=1)
    if "name" not in columns:
        faults.add("there is no column Name", line=1, column="name")
    for index, name in enumerate(columns):
        if name and name in columns[:index]:
            faults.add(f"a second column {header[index]}", line=1, column=header[index])
    faults.raise_any()
    records = []
    for line, cells in rows:
        if len(cells) != len(header):
            faults.add(f"{len(cells)} cells where the header has {len(header)}", line=line)
        else:
            records.append(_record(kind, columns, cells, line))
    secret = [name for name in header if is_secret_name(name)]
    return records, [f"Column {name!r} was left out: an inventory keeps no credentials." for name in secret]


def _kind_of(columns: Sequence[str]) -> str:
    device, machine = _OF_DEVICES & set(columns), _OF_MACHINES & set(columns)
    if bool(device) == bool(machine):
        return ""
    return "device" if device else "virtual_machine"


def _record(kind: str, columns: Sequence[str], cells: Sequence[str], line: int) -> Record:
    row = {name: "" if cell.strip() == NOTHING else cell.strip() for name, cell in zip(columns, cells, strict=True)}
    fields = {field: row[name] for name, field in _FIELDS.items() if row.get(name)}
    number = fields.get("id", "")
    fields |= {"type": kind, "name": fields.get("name") or (f"{kind.replace('_', '-')}-{number}" if number else "")}
    fields["ip"] = fields.get("ip") or next((row[name] for name in _SECOND_ADDRESSES if row.get(name)), "")
    if number:
        fields["id"] = f"{kind}:{number}"
    return Record(fields=fields, attributes=_attributes(row, fields["ip"]), line=line)


def _attributes(row: Mapping[str, str], ip: str) -> dict[str, str]:
    used = {*_FIELDS, *_LEFT_OUT, *(name for name in _SECOND_ADDRESSES if row.get(name) == ip)}
    return {
        _ATTRIBUTES.get(name, name): value
        for name, value in row.items()
        if name and name not in used and not is_secret_name(name)
    }
