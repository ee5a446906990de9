"""Reading what a recorder needs of a run that is there."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from .errors import RecordingError, file_error
from .files import RunPaths
from .schema import Invalid, check_header, check_record

__all__ = ["last_number", "number_of", "read_header", "records_in"]

_CHECKSUM = re.compile(rb',"crc32":"([0-9a-f]{8})"\}$')


def read_header(paths: RunPaths) -> dict[str, Any]:
    """run.json, checked.

    :raises RecordingError: naming file and field
    """
    try:
        header = json.loads(paths.header.read_bytes())
    except OSError as thrown:
        raise file_error(thrown, "read", paths.header) from thrown
    except (ValueError, RecursionError) as thrown:
        raise RecordingError(f"{paths.header}: it is not JSON.") from thrown
    try:
        check_header(header)
    except Invalid as thrown:
        raise RecordingError(f"{paths.header}: {thrown}.") from thrown
    return dict(header)


def records_in(content: bytes, header: dict[str, Any]) -> Iterator[dict[str, Any] | Invalid]:
    """The records of epochs.jsonl, or what is wrong with one. A last line without its newline was not committed."""
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        where = f"line {number}"
        found = _CHECKSUM.search(line)
        try:
            if found and zlib.crc32(line[: found.start()] + b"}") != int(found[1], 16):
                raise Invalid((where,), "does not match its checksum")
            try:
                record = json.loads(line, parse_constant=str)
            except (ValueError, RecursionError) as thrown:
                raise Invalid((where,), "is not JSON") from thrown
            check_record(record, header, where)
            yield record
        except Invalid as thrown:
            yield thrown


def number_of(record: dict[str, Any], header: dict[str, Any]) -> int:
    """A record's number on the run's clock."""
    return int(record["step" if header.get("clock") == "step" else "epoch"])


def last_number(paths: RunPaths, header: dict[str, Any]) -> int | None:
    """The number of the last record of a run that is to be gone on with, whose last line, if it was torn, is removed.

    :raises RecordingError: where a line is damaged, for going on would hide what is behind it
    """
    try:
        content = paths.journal.read_bytes() if paths.journal.exists() else b""
        whole = content.rfind(b"\n") + 1
        last: int | None = None
        for record in records_in(content, header):
            if isinstance(record, Invalid):
                raise RecordingError(f"{paths.journal}: {record}; the run cannot be gone on with.")
            last = number_of(record, header)
        if whole < len(content):
            with open(paths.journal, "r+b") as file:
                file.truncate(whole)
    except OSError as thrown:
        raise file_error(thrown, "read", paths.journal) from thrown
    return last
