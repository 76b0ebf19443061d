"""From a file's text to assets, with every fault collected; what the importers share."""

import csv
import io
import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opsconductor.domain import asset_naming
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.asset_import import ImportFault, bad_file

FIELDS = (
    *("name", "type", "role", "platform", "os", "environment", "site", "owner", "status", "ip", "criticality"),
    *("services", "id"),
)
"""Fields of ours that a column can be mapped to; whatever else a source says becomes an attribute."""

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_NAME = 253
MAX_VALUE = 4_000
_NUMBERS = ("vcpus", "memory_mb")


@dataclass(kw_only=True)
class Faults:
    """Collects what is wrong with one source."""

    source: str
    found: list[ImportFault] = field(default_factory=list)

    def add(self, message: str, *, line: int = 0, column: str = "", file: str = "") -> None:
        """One more fault; the message has no full stop."""
        self.found.append(ImportFault(line=line, column=column, message=message, file=file))

    def raise_any(self) -> None:
        """Raises `import.bad_file` when there is a fault."""
        if self.found:
            raise bad_file(self.source, self.found)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One asset as a source words it."""

    fields: Mapping[str, str]  # of FIELDS
    attributes: Mapping[str, Json] = field(default_factory=dict)
    services: tuple[AssetService, ...] = ()  # beside those in fields["services"]
    connection: Mapping[str, Json] = field(default_factory=dict)
    line: int = 0
    file: str = ""


def read_text(path: Path) -> str:
    """The text of a file. Raises `import.unreadable`: missing, no plain file, larger than 10 MiB, not UTF-8."""
    try:
        # Not to wait at a pipe or a device that somebody named.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadInput("import.unreadable", f"{path.name} is no file.")
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path holds U+0000"
        raise BadInput("import.unreadable", f"{path.name} cannot be read: {reason}.") from error
    if len(data) > MAX_FILE_BYTES:
        raise BadInput(
            "import.unreadable",
            f"{path.name} is larger than 10 MiB.",
            next_step="Leave out columns that are not needed, or import it in parts without retiring.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = ImportFault(line=line, column="", message="the text is not UTF-8; save the file as UTF-8")
        raise bad_file(path.name, [fault]) from error


def read_table(text: str, faults: Faults) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Header and rows (first line, cells) of a table separated by comma, semicolon or tab; empty lines are skipped."""
    head = text.partition("\n")[0]
    rows = _rows(text, max((",", ";", "\t"), key=head.count), faults)
    _, header = next(rows, (0, []))
    return [cell.strip() for cell in header], rows


def _rows(text: str, delimiter: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(f"this is no table row: {error}", line=line)
            return
        if any(cell.strip() for cell in row):
            yield line, row


def build_assets(records: Sequence[Record], tenant: str, source: str, faults: Faults) -> tuple[Asset, ...]:
    """The assets of all records. Raises `import.bad_file` with every fault, those found before included."""
    assets: list[Asset] = []
    first_seen: dict[str, Record] = {}
    for record in records:
        asset = _Reader(record, faults).asset(tenant, source)
        key = asset.source_id.casefold()
        if before := first_seen.get(key):
            same = f"line {before.line}" if before.line else f"{before.fields.get('name', '')!r}"
            what = "the same id" if record.fields.get("id") else "the same name, type, site and owner"
            faults.add(f"{what} as {same}", line=record.line, column="name", file=record.file)
        first_seen.setdefault(key, record)
        assets.append(asset)
    if not records and not faults.found:
        # Nothing at all is a wrong file or a token without rights far more often than an inventory that is gone.
        faults.add("it holds no asset")
    faults.raise_any()
    return tuple(assets)


class _Reader:
    """Reads one record, adding its faults."""

    def __init__(self, record: Record, faults: Faults) -> None:
        self._record = record
        self._faults = faults

    def asset(self, tenant: str, source: str) -> Asset:
        text = {key: self._text(key) for key in FIELDS}
        if not text["name"]:
            self._fault("name", "the name is missing")
        platform, os_name = self._system(text["platform"], text["os"])
        type_ = asset_naming.snake(text["type"]) or asset_naming.type_of(platform, os_name)
        source_id = text["id"] or asset_naming.natural_source_id(text["name"], type_, text["site"], text["owner"])
        return Asset(
            asset_id=asset_naming.asset_id(tenant, source, source_id),
            tenant=tenant,
            name=text["name"],
            type=type_,
            source=source,
            source_id=source_id,
            role=text["role"],
            platform=platform,
            os=os_name,
            environment=asset_naming.environment_of(text["environment"]),
            site=text["site"],
            owner=text["owner"],
            status=text["status"].casefold() or "active",
            ip=self._address(text["ip"]),
            criticality=self._criticality(text["criticality"]),
            services=self._services(text["services"]),
            connection=dict(self._record.connection),
            attributes=self._attributes(),
        )

    def _fault(self, column: str, message: str) -> None:
        self._faults.add(message, line=self._record.line, column=column, file=self._record.file)

    def _text(self, key: str) -> str:
        value = unicodedata.normalize("NFC", self._record.fields.get(key, "")).strip()
        limit = MAX_NAME if key == "name" else MAX_VALUE
        if len(value) > limit:
            self._fault(key, f"longer than {limit} characters")
        elif unseen := asset_naming.unseen_character(value):
            self._fault(key, f"holds a character that nobody can see, {unseen}")
        return value

    def _system(self, platform: str, os: str) -> tuple[str, str]:
        """Platform in our words and system in the source's; many sources have one column for both."""
        if platform.casefold() in asset_naming.PLATFORMS:
            return platform.casefold(), os
        return asset_naming.platform_of(os) or asset_naming.platform_of(platform), os or platform

    def _address(self, text: str) -> str:
        if not text:
            return ""
        try:
            return asset_naming.address_of(text)
        except ValueError:
            self._fault("ip", f"{text[:60]!r} is no IP address")
            return ""

    def _criticality(self, text: str) -> str:
        word = text.casefold() or "medium"
        if word not in asset_naming.CRITICALITIES:
            self._fault("criticality", f"{text[:60]!r} is none of low, medium, high")
        return word

    def _services(self, text: str) -> tuple[AssetService, ...]:
        try:
            return tuple(dict.fromkeys((*self._record.services, *asset_naming.services_of(text))))
        except ValueError as error:
            self._fault("services", str(error)[:200])
            return ()

    def _attributes(self) -> dict[str, Json]:
        kept: dict[str, Json] = {}
        for key, value in self._record.attributes.items():
            if isinstance(value, str):
                value = unicodedata.normalize("NFC", value).strip()
                if len(value) > MAX_VALUE:
                    self._fault(key, f"longer than {MAX_VALUE} characters")
                elif "\x00" in value:
                    self._fault(key, "holds a character that nobody can see, U+0000")
                elif key in _NUMBERS and value:
                    value = self._number(key, value)
            if value not in ("", None):
                kept[key] = value
        return kept

    def _number(self, key: str, text: str) -> Json:
        whole, point, fraction = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 12 and (fraction or "0").isdigit()):
            self._fault(key, f"{text[:60]!r} is no number")
            return None
        # What is hashed holds no floats, so half a processor stays text.
        return int(whole) if not point or not fraction.strip("0") else text
