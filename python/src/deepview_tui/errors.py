"""What is said when something is wrong: one sentence that names the thing and the remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterator

__all__ = ["Guard", "RecordingError", "RecordingWarning", "Stopped", "file_error", "warn"]


class RecordingError(Exception):
    """A run that cannot be recorded or read; its text is one sentence for a person."""


class Stopped(KeyboardInterrupt):
    """A training was asked to stop (``runs stop``) and does not look by itself: it ends as by Ctrl-C."""


class RecordingWarning(UserWarning):
    """Recording has ended, or a part of it is left out; training goes on."""


def warn(text: str) -> None:
    """Warns, and never raises: a training whose warnings are errors goes on too."""
    try:
        warnings.warn(text, RecordingWarning, stacklevel=5)
    except RecordingWarning:
        print(text, file=sys.stderr)


class Guard:
    """A run that may end before its training does: what goes wrong with it ends recording alone."""

    #: Raises what would be a warning.
    strict: bool

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Makes of what goes wrong inside one warning, and the end of recording."""
        try:
            yield
        except Exception as thrown:
            if self.strict:
                raise
            self.end_recording(thrown)

    def end_recording(self, why: Exception) -> None:
        """Says once why there are no more records."""
        raise NotImplementedError


def file_error(thrown: OSError, action: str, path: str | os.PathLike[str]) -> RecordingError:
    """A file-system error as a sentence: ``cannot write /runs/a: the disk is full; make room there``."""
    why = {
        errno.ENOSPC: "the disk is full; make room there, or record elsewhere",
        errno.EDQUOT: "your quota is used up; make room there, or record elsewhere",
        errno.EACCES: "you may not; give another directory",
        errno.EPERM: "you may not; give another directory",
        errno.EROFS: "it can only be read; give another directory",
        errno.ENOTDIR: "a part of the path is a file; give another directory",
        errno.ENOENT: "it is not there",
    }.get(thrown.errno or 0, thrown.strerror or str(thrown))
    return RecordingError(f"cannot {action} {os.fspath(path)}: {why}.")
