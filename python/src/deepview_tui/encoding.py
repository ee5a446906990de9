"""What the files of a run look like: lines with their checksum, tensors, and PNG."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

__all__ = ["checksum", "encode_json", "encode_line", "encode_png", "encode_tensors", "fitting_half", "now"]

FLOAT16_MAX = 65_504.0


def now() -> str:
    """The time as a run's files have it: in UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode_json(value: Any) -> bytes:
    """JSON in which numbers that are not finite are the texts NaN, Infinity and -Infinity."""
    return json.dumps(_told(value), separators=(",", ":"), allow_nan=False).encode()


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _told(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_told(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def encode_line(record: Mapping[str, Any]) -> bytes:
    """The line that commits a record, newline included. It ends in a CRC-32 of itself, so that damage is noticed."""
    body = encode_json(record)
    return b'%s,"crc32":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def encode_tensors(tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file."""
    return bytes(save({name: np.ascontiguousarray(one) for name, one in tensors.items()}, dict(metadata)))


def fitting_half(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Samples in half precision, or in single where one is not finite or beyond its range."""
    half = bool(np.all(np.abs(values) <= FLOAT16_MAX))
    return values.astype(np.float16 if half else np.float32)


def checksum(content: bytes) -> dict[str, int]:
    return {"bytes": len(content), "crc32": zlib.crc32(content)}


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A PNG file of ``[height, width, 1 or 3]``."""
    height, width, channels = pixels.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # A row begins with its filter: none.
    rows = np.zeros((height, width * channels + 1), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
