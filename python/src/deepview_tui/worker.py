"""One thread that writes, so that a training does not wait for the disk; and not more ahead than a queue holds."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

__all__ = ["Worker"]

Job = Callable[[], None]


class Worker:
    """Does jobs in their order. The first that fails ends it; its error is raised by whatever is asked next."""

    def __init__(self, ahead: int = 2) -> None:
        self._jobs: queue.Queue[Job | None] = queue.Queue(ahead)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="deepview-tui writer", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Waits while the queue is full."""
        self._raise()
        self._jobs.put(job)

    def wait(self) -> None:
        """Until all is done."""
        self._jobs.join()
        self._raise()

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _work(self) -> None:
        has_failed = False
        while True:
            job = self._jobs.get()
            try:
                if job is not None and not has_failed:
                    job()
            except Exception as thrown:
                has_failed = True
                self._error = thrown
            finally:
                self._jobs.task_done()
            if job is None:
                return
