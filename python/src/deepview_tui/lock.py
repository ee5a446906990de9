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
#: Seconds between two looks at the files of one whose times alone say so: the clocks of two machines differ.
LOOK = 6.0


def this_process() -> dict[str, Any]:
    """What names this process: its number, its machine, and when it began, for numbers are used again."""
    host = socket.gethostname()
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    _, began = _entry(os.getpid())
    return {
        **{"pid": os.getpid(), "host": host, "machine": f"{host} {namespace}".strip()},
        **({} if began is None else {"began": began}),
    }


def _entry(pid: int) -> tuple[str, str | None]:
    """On Linux the process's state, a letter, and its start in clock ticks since boot."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "", None
    # The second field is the program's name in parentheses and may hold anything.
    fields = text[text.rindex(")") + 2 :].split(" ")
    return fields[0], fields[19]


def _is_here(holder: dict[str, Any]) -> bool:
    key = "machine" if "machine" in holder else "host"
    return bool(holder[key] == this_process()[key])


def _has_ended(holder: dict[str, Any]) -> bool:
    """Whether a process of this machine has ended, or another one has its number by now."""
    try:
        os.kill(holder["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    state, began = _entry(holder["pid"])
    # One that ended, and whose parent has not asked how.
    if state in ("Z", "X", "x"):
        return True
    return "began" in holder and began is not None and holder["began"] != began


class Lock:
    """A lock file, taken at once or not at all; one whose holder is gone is taken over.

    :param sign_of_life: a file that the holder rewrites every few seconds
    :raises RecordingError: naming who has it
    """

    def __init__(self, path: Path, sign_of_life: Path) -> None:
        self.path = path
        #: Whom requests are meant for.
        self.token = str(uuid.uuid4())
        self.text = json.dumps({**this_process(), "token": self.token}) + "\n"
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
            try:
                text, times = self._seen(sign_of_life)
                holder = _holder(text)
                if holder is not None and _is_here(holder):
                    if not _has_ended(holder):
                        break
                else:
                    if time.time() - max(times) <= PATIENCE:
                        break
                    time.sleep(LOOK)
                    if self._seen(sign_of_life) != (text, times):
                        break
                self._discard(text)
            except FileNotFoundError:
                # It was given back meanwhile.
                continue
            except OSError as thrown:
                raise file_error(thrown, "take over", path) from thrown
        who = f" by process {holder['pid']} on {holder.get('host', 'another machine')}" if holder else ""
        raise RecordingError(f"{path.parent} is being written{who}; give another directory, or wait until it ends.")

    def _seen(self, sign_of_life: Path) -> tuple[str, list[float]]:
        """What the lock says, and when it and the sign of life were written."""
        text = self.path.read_text(encoding="utf-8", errors="replace")
        return text, [one.stat().st_mtime for one in (self.path, sign_of_life) if one.exists()]

    def _discard(self, judged: str) -> None:
        """Takes a stale lock away, and no other: another process may have taken over since it was judged."""
        aside = self.path.with_name(f"{self.path.name}.{uuid.uuid4()}")
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.path, aside)
            text = aside.read_bytes()
            if text.decode("utf-8", "replace") != judged:
                # Not by a link, which some file systems do not have.
                with contextlib.suppress(FileExistsError), open(self.path, "xb") as file:
                    file.write(text)
            aside.unlink(missing_ok=True)

    def release(self) -> None:
        """Gives it back, unless another process has taken it over meanwhile."""
        with contextlib.suppress(OSError):
            if self.path.read_text(encoding="utf-8", errors="replace") == self.text:
                self.path.unlink()


def _holder(text: str) -> dict[str, Any] | None:
    try:
        holder = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(holder, dict) or not ("host" in holder or "machine" in holder):
        return None
    pid = holder.get("pid")
    # 0 and less are groups of processes; beyond is no process anywhere.
    is_process = isinstance(pid, int) and not isinstance(pid, bool) and 1 <= pid <= 2**31 - 1
    return holder if is_process else None
