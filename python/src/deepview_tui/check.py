"""Says exactly what in a run is not as the format wants (docs/run-format.md)."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import RecordingError, file_error
from .files import RunPaths
from .reading import number_of, read_header, records_in
from .schema import Invalid

__all__ = ["check_run"]

_FLOATS = {"F16", "F32", "F64"}


def check_run(directory: str | os.PathLike[str]) -> list[str]:
    """What is wrong with a run, one sentence each; nothing for one that is as it should be.

    :raises RecordingError: for what is no run at all
    """
    paths = RunPaths(directory)
    if not paths.header.exists():
        raise RecordingError(f"{paths.directory} is not a run: it has no run.json.")
    try:
        header = read_header(paths)
    except RecordingError as thrown:
        return [str(thrown).removesuffix(".")]
    if header["format"] == 1:
        return []
    try:
        return [*_records(paths, header), *_features(paths, header)]
    except OSError as thrown:
        raise file_error(thrown, "read", thrown.filename or paths.directory) from thrown


def _records(paths: RunPaths, header: dict[str, Any]) -> Iterator[str]:
    if not paths.journal.exists():
        return
    content = paths.journal.read_bytes()
    newest: dict[int, dict[str, Any]] = {}
    for record in records_in(content, header):
        if isinstance(record, Invalid):
            yield f"{paths.journal}: {record}"
            continue
        number = number_of(record, header)
        # They ascend, so that those which this one replaces are at the end.
        while newest and next(reversed(newest)) >= number:
            newest.popitem()
        newest[number] = record
    for number, record in newest.items():
        path = paths.data(number)
        told = record.get("data")
        if path.exists():
            yield from (f"{path}: {problem}" for problem in _data(path.read_bytes(), told, header))
        elif told:
            yield f"{path}: it is not there, and its line says that it is"


def _data(content: bytes, told: dict[str, int] | None, header: dict[str, Any]) -> Iterator[str]:
    if told and (len(content) != told["bytes"] or zlib.crc32(content) != told["crc32"]):
        yield "it does not match its checksum"
        return
    try:
        tensors = tensor_table(content)
    except ValueError:
        yield "it is not a safetensors file"
        return
    layers = header["network"]["layers"]
    for name, entry in tensors.items():
        place, _, what = name.partition(".")
        if not re.fullmatch(r"[0-9]{1,9}", place) or not 1 <= int(place) <= len(layers):
            continue
        problem = _tensor(what, entry["dtype"], entry["shape"], layers[int(place) - 1]["units"], header)
        if problem:
            yield f"{name} is {entry['dtype']} {entry['shape']}, not {problem}"


def _tensor(what: str, dtype: str, shape: list[int], units: int, header: dict[str, Any]) -> str | None:
    """What a tensor ought to be, where it is not."""
    probe = header.get("probe") or {}
    labels = probe.get("labels")
    images = len(labels or probe.get("indices") or []) or None
    classes = len(set(labels)) if labels else 1
    is_float = dtype in _FLOATS
    if what == "samples":
        flat = len(shape) == 2 and shape[1] == units and images in (None, shape[0])
        by_class = len(shape) == 3 and shape[0] == classes and shape[2] == units and shape[0] * shape[1] == images
        right, wanted = flat or by_class, f"floats [{images or 'images'}, {units}] (images, neurons)"
    elif what == "quantiles":
        right = len(shape) == 3 and shape[0] == classes and 2 <= shape[1] <= 1001 and shape[2] == units
        wanted = f"floats [{classes}, 2 to 1001, {units}] (classes, quantiles, neurons)"
    else:
        right, wanted = shape == [units], f"floats [{units}]"
    return None if right and is_float else wanted


def tensor_table(content: bytes) -> dict[str, dict[str, Any]]:
    """What a safetensors file holds.

    :raises ValueError: where it is none, or ends before its tensors do
    """
    length = int.from_bytes(content[:8], "little")
    try:
        table: dict[str, dict[str, Any]] = json.loads(content[8 : 8 + length])
        table.pop("__metadata__", None)
        for entry in table.values():
            if not isinstance(entry["dtype"], str) or not isinstance(entry["shape"], list):
                raise ValueError("an entry is no tensor's")
            if entry["data_offsets"][1] > len(content) - 8 - length:
                raise ValueError("it ends too early")
    except (AttributeError, LookupError, RecursionError, TypeError) as thrown:
        raise ValueError("its table is none") from thrown
    return table


def _features(paths: RunPaths, header: dict[str, Any]) -> Iterator[str]:
    for index in sorted((paths.directory / "features").glob("*/features.json")):
        try:
            layers = json.loads(index.read_bytes())["layers"]
            listed = [(int(one["index"]), (one["bytes"], one["crc32"])) for one in layers]
        except (ValueError, KeyError, TypeError, RecursionError):
            yield f"{index}: it is not as the format has it"
            continue
        for layer, told in listed:
            yield from _patches(index.parent / f"{layer:02d}.safetensors", layer, told, header)


def _patches(path: Path, layer: int, told: tuple[int, int], header: dict[str, Any]) -> Iterator[str]:
    if not path.exists():
        yield f"{path}: it is not there, and features.json says that it is"
        return
    content = path.read_bytes()
    if (len(content), zlib.crc32(content)) != told:
        yield f"{path}: it does not match its checksum"
        return
    layers = header["network"]["layers"]
    units = layers[layer - 1]["units"] if 1 <= layer <= len(layers) else None
    try:
        shapes = {name: entry["shape"] for name, entry in tensor_table(content).items()}
    except ValueError:
        yield f"{path}: it is not a safetensors file"
        return
    for name in ("image", "y", "x", "activation"):
        shape = shapes.get(name, [])
        if len(shape) != 2 or shape[0] != units or shape != shapes.get("image"):
            yield f"{path}: {name} is {shape}, not [{units}, patches]"
