"""Files that are whole or not there: a temporary name, flushed, renamed. The only module that knows a run's paths."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import time
from pathlib import Path

from .errors import file_error

__all__ = ["RunPaths", "append_flushed", "new_run_directory", "write_atomically"]


class RunPaths:
    """Where the parts of a run directory lie (docs/run-format.md)."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory).expanduser().absolute()
        self.header = self.directory / "run.json"
        self.journal = self.directory / "epochs.jsonl"
        self.status = self.directory / "status.json"
        self.lock = self.directory / "lock.json"
        self.epochs = self.directory / "epochs"
        self.images = self.directory / "images"
        self.requests = self.directory / "requests"

    def data(self, number: int) -> Path:
        return self.epochs / f"{number:06d}.safetensors"

    def features(self, number: int) -> Path:
        return self.directory / "features" / f"{number:06d}"

    def forget_from(self, number: int) -> None:
        """Removes what was recorded, or computed by a reader, of a record and of those after it."""
        for folder in ("epochs", "features", "computed", "cache"):
            for path in (self.directory / folder).glob("*"):
                found = re.fullmatch(r"(\d{6,13})(\.safetensors)?", path.name)
                if not found or int(found[1]) < number:
                    continue
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replaces a file by another, whole.

    :param durable: whether it must outlive a crash of the machine
    :raises RecordingError: naming the file
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
        if durable:
            sync_directory(path.parent)
    except OSError as thrown:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise file_error(thrown, "write", path) from thrown


def append_flushed(path: Path, line: bytes) -> None:
    """Appends a whole line, or nothing: half a line that a full disk left is cut off again.

    :raises RecordingError: naming the file
    """
    try:
        length = path.stat().st_size if path.exists() else 0
        try:
            with open(path, "ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                os.truncate(path, length)
            raise
    except OSError as thrown:
        raise file_error(thrown, "write", path) from thrown


def sync_directory(path: Path) -> None:
    """Makes the names in a directory outlive a crash; some file systems cannot, and need not."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def new_run_directory(name: str) -> Path:
    """A new place where the program keeps its runs: ``20261123-1642-resnet-k3f9``, sortable by time."""
    given = os.environ.get("XDG_DATA_HOME", "")
    data = Path(given) if given.startswith("/") else Path(os.environ.get("HOME") or Path.home()) / ".local/share"
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "network"
    # A generator of its own: the training's random numbers stay as they are.
    tail = "".join(random.SystemRandom().choices("abcdefghjkmnpqrstuvwxyz23456789", k=4))
    return data / "deepview-tui" / "runs" / f"{time.strftime('%Y%m%d-%H%M', time.gmtime())}-{words}-{tail}"
