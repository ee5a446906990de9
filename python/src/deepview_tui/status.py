"""``status.json``: what a run is doing, rewritten every two seconds by a thread that ends with the program."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .encoding import encode_json, now
from .errors import RecordingError
from .files import write_atomically

__all__ = ["Heartbeat"]

#: Seconds; readers take a run to have crashed after twenty without it.
EVERY = 2.0


class Heartbeat:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._end = threading.Event()
        self._write("running")
        self._thread = threading.Thread(target=self._beat, name="deepview-tui heartbeat", daemon=True)
        self._thread.start()

    def close(self, state: str, error: Mapping[str, str] | None = None, reason: str | None = None) -> None:
        """Says how it ended, and why a finished run has fewer records than were planned."""
        self._end.set()
        self._thread.join()
        # Without it, readers take the run to have crashed; that the disk is full was said before.
        with contextlib.suppress(RecordingError):
            self._write(state, error=error, reason=reason)

    def _beat(self) -> None:
        while not self._end.wait(EVERY):
            # A disk that is full now may have room in two seconds.
            with contextlib.suppress(RecordingError):
                self._write("running")

    def _write(self, state: str, **more: Mapping[str, str] | str | None) -> None:
        status: dict[str, Any] = {
            "state": state,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "updatedAt": now(),
        }
        status.update({name: value for name, value in more.items() if value})
        write_atomically(self._path, encode_json(status) + b"\n", durable=False)
