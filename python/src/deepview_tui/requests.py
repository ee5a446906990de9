"""What the program asks a run for (``runs pause``, ``runs stop``): files in ``requests/``, as docs/run-format.md has
them."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any

from .errors import Stopped

__all__ = ["Requests"]

#: Bytes of a request, of which more is none.
MOST = 65_536


class Requests:
    """What was asked for, and what a training does of it.

    A thread takes requests (`take`); the training obeys between its steps, by `heed` or by `should_stop`. Before it
    has come by there none is taken, so that each that is taken is obeyed.

    :param folder: where they lie
    :param writer: the lock's token, whom they are meant for
    :param knows_epochs: whether it is told when an epoch ends
    """

    def __init__(self, folder: Path, writer: str, *, knows_epochs: bool) -> None:
        self._folder, self._writer = folder, writer
        self._knows_epochs = knows_epochs
        self._lock = threading.Condition()
        self._is_heeded = False
        self._looks_itself = False
        self._holds = False
        #: Where the training will stop, as it was asked to: ``now`` or ``after-epoch``.
        self.ending: str | None = None
        #: Whether it was told to stop, and ends for that.
        self.has_stopped = False
        #: Whether it waits to be continued.
        self.is_paused = False
        #: Set when any of these has changed.
        self.changed = threading.Event()

    @property
    def taken(self) -> list[str]:
        """What is taken just now."""
        if not self._is_heeded:
            return []
        return ["pause", "continue", *(["stop-after-epoch"] if self._knows_epochs else []), "stop-now"]

    def take(self) -> None:
        """Takes what lies there, in the order in which it came."""
        if not self.taken:
            return
        if not self._folder.parent.is_dir():
            # Of a run that was deleted nothing can be asked, and none is held for ever.
            self._obey("continue")
        if self._folder.is_symlink():
            return
        found: list[tuple[float, str]] = []
        for path in self._folder.glob("[!.]*.json"):
            with contextlib.suppress(OSError):
                asked, at = _request(path), path.lstat().st_mtime
                path.unlink()
                if asked.get("writer") == self._writer:
                    found.append((at, str(asked.get("request"))))
        for _, request in sorted(found):
            if request in self.taken:
                self._obey(request)

    def _obey(self, request: str) -> None:
        with self._lock:
            # What is to stop is not held; what is held goes on for its end.
            self._holds = request == "pause" and self.ending != "now"
            if request == "stop-now":
                self.ending = "now"
            elif request == "stop-after-epoch":
                self.ending = self.ending or "after-epoch"
            self._lock.notify_all()

    def end_epoch(self) -> None:
        """Hears that an epoch is over."""
        self.has_stopped |= self.ending is not None

    def heed(self) -> None:
        """Between two steps: waits while the run is held.

        :raises Stopped: where it is to stop, and does not look by `should_stop`
        """
        if self._is_to_stop() and not self._looks_itself:
            raise Stopped("asked to stop")

    def should_stop(self) -> bool:
        """Likewise, of a training that ends by itself."""
        self._looks_itself = True
        return self._is_to_stop()

    def _is_to_stop(self) -> bool:
        if not self._is_heeded:
            self._is_heeded = True
            self.changed.set()
        with self._lock:
            try:
                while self._holds:
                    self.is_paused = True
                    self.changed.set()
                    # By turns, so that signals are heard.
                    self._lock.wait(1)
            finally:
                if self.is_paused:
                    self.is_paused = False
                    self.changed.set()
            self.has_stopped |= self.ending == "now"
        return self.has_stopped


def _request(path: Path) -> dict[str, Any]:
    """What a file asks for; nothing where it makes no sense."""
    # Opening a pipe waits for who writes into it.
    if not path.is_file():
        return {}
    with contextlib.suppress(ValueError, RecursionError), open(path, "rb") as file:
        asked = json.loads(file.read(MOST))
        if isinstance(asked, dict):
            return asked
    return {}
