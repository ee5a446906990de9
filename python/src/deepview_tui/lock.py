"""The only right to write a run, as the program's own ``lock.json``: either knows the other's."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
import uuid
from pathlib import Path
from typing import Any

from .errors import RecordingError, file_error

__all__ = ["Lock", "this_process"]

#: Seconds without a sign of life after which a holder that cannot be asked counts as gone.
PATIENCE = 60.0


def this_process() -> dict[str, Any]:
    """What names this process: its number, its machine, and when it began, for numbers are used again."""
    host = socket.gethostname()
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    began = _began(os.getpid())
    return {
        **{"pid": os.getpid(), "host": host, "machine": f"{host} {namespace}".strip()},
        **({} if began is None else {"began": began}),
    }


def _began(pid: int) -> str | None:
    """On Linux the process's start in clock ticks since boot."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field is the program's name in parentheses and may hold anything.
    return text[text.rindex(")") + 2 :].split(" ")[19]


def _is_gone(holder: dict[str, Any] | None, silent: float) -> bool:
    here = this_process()
    if holder is None:
        return silent > PATIENCE
    asked = holder.get("machine") == here["machine"] if "machine" in holder else holder.get("host") == here["host"]
    if not asked:
        return silent > PATIENCE
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    began = _began(holder["pid"])
    return "began" in holder and began is not None and holder["began"] != began


class Lock:
    """A lock file, taken at once or not at all; one whose holder is gone is taken over.

    :param sign_of_life: a file that the holder rewrites every few seconds
    :raises RecordingError: naming who has it
    """

    def __init__(self, path: Path, sign_of_life: Path) -> None:
        self.path = path
        self.text = json.dumps({**this_process(), "token": str(uuid.uuid4())}) + "\n"
        holder: dict[str, Any] | None = None
        for _ in range(3):
            try:
                with open(path, "x", encoding="utf-8") as file:
                    file.write(self.text)
                return
            except FileExistsError:
                pass
            except OSError as thrown:
                raise file_error(thrown, "write", path) from thrown
            with contextlib.suppress(FileNotFoundError):
                text = path.read_text(encoding="utf-8", errors="replace")
                holder = _holder(text)
                newest = max(one.stat().st_mtime for one in (path, sign_of_life) if one.exists())
                if not _is_gone(holder, time.time() - newest):
                    break
                self._discard(text)
        who = f" by process {holder['pid']} on {holder.get('host', 'another machine')}" if holder else ""
        raise RecordingError(f"{path.parent} is being written{who}; give another directory, or wait until it ends.")

    def _discard(self, judged: str) -> None:
        """Takes a stale lock away, and no other: another process may have taken over since it was judged."""
        aside = self.path.with_name(f"{self.path.name}.{uuid.uuid4()}")
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.path, aside)
            if aside.read_text(encoding="utf-8", errors="replace") != judged:
                with contextlib.suppress(FileExistsError):
                    os.link(aside, self.path)
            aside.unlink(missing_ok=True)

    def release(self) -> None:
        """Gives it back, unless another process has taken it over meanwhile."""
        with contextlib.suppress(OSError):
            if self.path.read_text(encoding="utf-8", errors="replace") == self.text:
                self.path.unlink()


def _holder(text: str) -> dict[str, Any] | None:
    try:
        holder = json.loads(text)
        if isinstance(holder, dict) and isinstance(holder["pid"], int) and ("host" in holder or "machine" in holder):
            return holder
    except (ValueError, KeyError):
        pass
    return None
