"""Records any training for deepview-tui, which shows in a terminal how a network's layers learn.

import deepview_tui as dv

recorder = dv.watch(model, probe=(images, labels), classes=names)
...
recorder.log(epoch=3, loss={"train": a, "validation": b})
"""

from __future__ import annotations

from .check import check_run
from .errors import RecordingError, RecordingWarning
from .features import Features
from .keep import Keep
from .run import Layer, Run
from .version import __version__

__all__ = [
    "Features",
    "Keep",
    "Layer",
    "RecordingError",
    "RecordingWarning",
    "Run",
    "__version__",
    "check_run",
]
