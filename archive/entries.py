"""The manifest's entries, and the two small files that hold its first and last hash.

**Canonical JSON**: keys sorted by Unicode code point, no white space, UTF-8 with the fewest possible escapes,
integers as digits. `jq -cjS 'del(.hash)' | sha256sum` computes an entry's hash. Instants are UTC with `Z`
(RFC 3339); sizes are bytes; hashes are SHA-256 in lower-case hex.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal, Self
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

FORMAT: Final = 1
_NAME_LENGTH: Final = 120

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Status(StrEnum):
    """How an execution ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed-out"
    CONTINUED_AS_NEW = "continued-as-new"


class Kept(BaseModel):
    """Base class of what is written once. A changed format gets a new number; fields never change under an
    old one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class Installation(Kept):
    """The owner of an archive: `INSTALLATION.json`, written first."""

    format: Literal[1] = FORMAT
    installation: str
    created_at: AwareDatetime


class ArchiveHead(Kept):
    """The end of the manifest: `HEAD.json`. `hash` is that of entry `count - 1`, or of `INSTALLATION.json` if
    there are no entries.
    """

    format: Literal[1] = FORMAT
    installation: str
    count: int = Field(ge=0)
    hash: Hash


class ClosedRun(Kept):
    """Facts about one closed execution. `number` is a claim's, `unit` is a unit's; otherwise empty.

    `code_version` is the program that archived it. `worker_versions`, `calendar_versions` and
    `payload_key_ids` come from the history.
    """

    workflow_id: str
    run_id: str
    workflow_type: str
    number: str = ""
    unit: str = ""
    status: Status
    started_at: AwareDatetime
    closed_at: AwareDatetime
    events: int = Field(ge=1)
    payload_key_ids: tuple[str, ...] = ()
    code_version: str = ""
    worker_versions: tuple[str, ...] = ()
    calendar_versions: tuple[str, ...] = ()


class ArchiveEntry(ClosedRun):
    """One line of the manifest.

    `sha256` and `size` describe the stored file, `content_sha256` the unzipped content. `previous` is the
    hash of the previous entry, or of `INSTALLATION.json` for the first entry; `hash` covers all other fields
    of the line.
    """

    format: Literal[1] = FORMAT
    index: int = Field(ge=0)
    installation: str
    archived_at: AwareDatetime
    file: str
    size: int = Field(ge=0)
    sha256: Hash
    content_sha256: Hash
    previous: Hash
    hash: Hash

    @classmethod
    def seal(
        cls,
        run: ClosedRun,
        after: ArchiveHead,
        *,
        archived_at: datetime,
        stored: bytes,
        content_sha256: str,
    ) -> Self:
        """Return the entry that follows a head."""
        fields: dict[str, JsonValue] = {
            **_fields(run),
            "format": FORMAT,
            "index": after.count,
            "installation": after.installation,
            "archived_at": _instant(archived_at),
            "file": file_of(run),
            "size": len(stored),
            "sha256": hash_of(stored),
            "content_sha256": content_sha256,
            "previous": after.hash,
        }
        return cls.model_validate({**fields, "hash": entry_hash(fields)})

    @property
    def head(self) -> ArchiveHead:
        """The head of a manifest that ends with this entry."""
        return ArchiveHead(installation=self.installation, count=self.index + 1, hash=self.hash)


def canonical(value: JsonValue) -> str:
    """Return a value as canonical JSON (see the module's docstring)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(data: bytes) -> str:
    """Return the SHA-256 hash of bytes, as `sha256sum` prints it."""
    return sha256(data).hexdigest()


def entry_hash(fields: Mapping[str, JsonValue]) -> str:
    """Return the hash of an entry, over all its fields except `hash`."""
    return hash_of(canonical({name: value for name, value in fields.items() if name != "hash"}).encode())


def text_of(kept: Installation | ArchiveHead | ArchiveEntry) -> str:
    """Return the entry's line without the line feed."""
    return canonical(_fields(kept))


def first_head(installation: Installation) -> ArchiveHead:
    """Return the head of a manifest without entries."""
    genesis = hash_of(text_of(installation).encode())
    return ArchiveHead(installation=installation.installation, count=0, hash=genesis)


def file_of(run: ClosedRun) -> str:
    """Return the path of a history: the UTC day it closed, then names that are valid on every file system."""
    name = quote(run.workflow_id, safe="")[:_NAME_LENGTH]
    return f"histories/{run.closed_at:%Y/%m/%d}/{name}.{quote(run.run_id, safe='')[:_NAME_LENGTH]}.json.gz"


def segment_of(index: int) -> str:
    """Return the name of the manifest file that starts with an entry."""
    return f"manifest/{index:09}.jsonl"


def _fields(kept: BaseModel) -> dict[str, JsonValue]:
    dumped: dict[str, JsonValue] = kept.model_dump(mode="json")
    return dumped


def _instant(instant: datetime) -> JsonValue:
    return _fields(_Instant(at=instant))["at"]


class _Instant(BaseModel):
    at: AwareDatetime
