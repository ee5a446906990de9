"""What is kept of samples, which are most of a run's size."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import RecordingError

__all__ = ["Keep"]


@dataclass(frozen=True)
class Keep:
    """Samples or their quantiles, of every k-th record; the newest record always has its own."""

    #: How many quantiles a class; 0 for the samples themselves.
    quantiles: int = 0
    every: int = 1

    @classmethod
    def of(cls, given: str | int | Keep) -> Keep:
        """``"all"``, ``"quantiles"``, ``"quantiles 11"``, each also with ``"every 10"``; 10 is ``"all every 10"``.

        :raises RecordingError: for anything else
        """
        if isinstance(given, Keep):
            return given
        text = f"all every {given}" if isinstance(given, int) else str(given)
        found = re.fullmatch(r"(all|quantiles(?: (\d+))?)(?: every (\d+))?|every (\d+)", text.strip())
        every = int((found and (found[3] or found[4])) or 1)
        quantiles = int(found[2] or 21) if found and (found[1] or "").startswith("quantiles") else 0
        if not found or every < 1 or (quantiles and not 2 <= quantiles <= 1001):
            raise RecordingError(
                f'keep is {given!r}; it may be "all", "quantiles", "quantiles 11" (2 to 1001), each also with '
                '"every 10", or a whole number from 1.'
            )
        return cls(quantiles, every)
