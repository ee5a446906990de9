"""Records any training for deepview-tui, which shows in a terminal how a network's layers learn.

import deepview_tui as dv

recorder = dv.watch(model, probe=(images, labels), classes=names)
...
recorder.log(epoch=3, loss={"train": a, "validation": b})
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .check import check_run
from .errors import RecordingError, RecordingWarning
from .features import Features
from .keep import Keep
from .notebook import Shown, show
from .run import Layer, Run
from .version import __version__

if TYPE_CHECKING:
    from .torch import Recorder, watch

__all__ = [
    "Features",
    "Keep",
    "Layer",
    "Recorder",
    "RecordingError",
    "RecordingWarning",
    "Run",
    "Shown",
    "__version__",
    "check_run",
    "show",
    "watch",
]


def __getattr__(name: str) -> Any:
    # PyTorch is imported only where a module is watched.
    if name in ("watch", "Recorder"):
        from . import torch

        return getattr(torch, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
