"""A run's picture in a notebook: what ``deepview-tui show`` draws, anew while the run grows."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from .errors import RecordingError
from .program import command

__all__ = ["Shown", "show"]

#: Seconds between two looks at a run.
EVERY = 2.0


class Shown:
    """A picture of a run; a notebook shows it where it is a cell's last line.

    :param run: a recorder, or what the program knows a run by: a directory, an id, ``last``
    :param of: a layer by number or name, or ``"conv1/3"``; by default the whole network
    :param options: of ``deepview-tui show``: ``size="120x40"``, ``metric="density"``, ``epoch=3``
    :raises RecordingError: where there is no run, as in a process that writes none
    """

    def __init__(self, run: Any, of: str | int | None = None, **options: Any) -> None:
        # Recorders of frameworks have one inside, or their run.
        inner = getattr(run, "recorder", run)
        inner = getattr(inner, "run", inner)
        self._recorder = inner if hasattr(inner, "flush") else None
        place = getattr(inner, "directory", inner)
        if not isinstance(place, (str, os.PathLike)):
            raise RecordingError("there is no run to show here: it begins with the training, where rank 0 writes it.")
        self._run = os.fspath(place)
        self._of = [] if of is None else [str(of)]
        named = {"size": "120x36", **options}
        self._options = [word for name, value in named.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        self._handle: Any = None

    def png(self) -> bytes:
        """The picture as it is now.

        :raises RecordingError: what the program says
        """
        if self._recorder is not None:
            # What was logged is being written.
            self._recorder.flush()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "run.png"
            self._ask(*self._of, *self._options, "--format", "png", "--output", str(file))
            return file.read_bytes()

    def _repr_png_(self) -> bytes:
        return self.png()

    def update(self) -> None:
        """Draws it anew, where it was shown first."""
        from IPython.display import Image, display

        picture = Image(data=self.png())
        if self._handle is None:
            self._handle = display(picture, display_id=True)
        else:
            self._handle.update(picture)

    def follow(self) -> None:
        """Draws it at each record, until the run is over or the cell is interrupted."""
        seen = None
        while True:
            told = json.loads(self._ask("--json"))
            now = len(told["records"]), told["run"]["state"]
            if now != seen:
                self.update()
                seen = now
            if now[1] not in ("preparing", "running", "paused", "silent"):
                return
            time.sleep(EVERY)

    def _ask(self, *words: str) -> str:
        done = subprocess.run(
            [*command(), "show", self._run, *words],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise RecordingError(" ".join(done.stderr.split()).removeprefix("deepview-tui: "))
        return done.stdout


def show(run: Any, of: str | int | None = None, *, live: bool = False, **options: Any) -> Shown:
    """Shows a run in a notebook.

    :param live: follows it until it is over; else `Shown.update` draws it anew, as after each epoch of the same cell
    """
    shown = Shown(run, of, **options)
    if live:
        shown.follow()
    else:
        shown.update()
    return shown
