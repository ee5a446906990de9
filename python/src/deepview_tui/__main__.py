"""``python -m deepview_tui check RUN...``: exit status 0 where all is as the format has it, 4 where not."""

from __future__ import annotations

import argparse
import sys

from .check import check_run
from .errors import RecordingError
from .version import __version__


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deepview_tui", description="Recorder of deepview-tui runs.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what in a run is not as its format wants")
    check.add_argument("run", nargs="+", help="a run's directory")
    wrong = 0
    for run in parser.parse_args(arguments).run:
        try:
            problems = check_run(run)
        except RecordingError as thrown:
            problems = [str(thrown).removesuffix(".")]
        for problem in problems:
            print(problem, file=sys.stderr)
        if not problems:
            print(f"{run} is as the format has it")
        wrong += len(problems)
    return 4 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
