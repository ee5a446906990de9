"""``status.json``: what a run is doing, rewritten every two seconds by a thread that ends with the program."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .encoding import encode_json, now
from .errors import RecordingError
from .files import write_atomically
from .requests import Requests

__all__ = ["Heartbeat"]

#: Seconds; readers take a run to have crashed after twenty without it.
EVERY = 2.0
#: Seconds between two looks at what is asked for.
LOOK = 1.0


class Heartbeat:
    def __init__(self, path: Path, requests: Requests) -> None:
        self._path = path
        self._requests = requests
        self._end = threading.Event()
        self._write("running")
        self._thread = threading.Thread(target=self._beat, name="deepview-tui heartbeat", daemon=True)
        self._thread.start()

    def close(self, state: str, error: Mapping[str, str] | None = None, reason: str | None = None) -> None:
        """Says how it ended, and why a finished run has fewer records than were planned."""
        self._end.set()
        self._requests.changed.set()
        self._thread.join()
        # Without it, readers take the run to have crashed; that the disk is full was said before.
        with contextlib.suppress(RecordingError):
            self._write(state, error=error, reason=reason)

    def _beat(self) -> None:
        said, at = self._at_work(), time.monotonic()
        while not self._end.is_set():
            self._requests.changed.wait(min(LOOK, EVERY))
            self._requests.changed.clear()
            # A folder that cannot be read now, as by too many open files, may be in a second.
            with contextlib.suppress(OSError):
                self._requests.take()
            told = self._at_work()
            if self._end.is_set() or (told == said and time.monotonic() - at < EVERY):
                continue
            # A disk that is full now may have room in two seconds.
            with contextlib.suppress(RecordingError):
                self._write(**told)
            said, at = told, time.monotonic()

    def _at_work(self) -> dict[str, Any]:
        asked = self._requests
        return {"state": "paused" if asked.is_paused else "running", "requests": asked.taken, "ending": asked.ending}

    def _write(self, state: str, **more: Any) -> None:
        status: dict[str, Any] = {
            "state": state,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "updatedAt": now(),
        }
        status.update({name: value for name, value in more.items() if value})
        write_atomically(self._path, encode_json(status) + b"\n", durable=False)
