"""A tracker for Accelerate: ``Accelerator(log_with=Recorder(model, probe=(images, labels)))``."""

from __future__ import annotations

from typing import Any

from accelerate.tracking import GeneralTracker, on_main_process

from .tags import tagged
from .torch import recorder as torch_recorder

__all__ = ["Recorder"]


class Recorder(GeneralTracker):
    """Records a model; its parameters are those of `deepview_tui.watch`.

    Each ``accelerator.log({"train_loss": ...})`` is a record, or, with ``every="500 steps"``, adds to the next.
    """

    name = "deepview-tui"
    requires_logging_directory = False

    def __init__(self, model: Any, *, probe: Any, **options: Any) -> None:
        super().__init__()
        self.recorder = torch_recorder.watch(model, probe=probe, **options)

    @property
    def tracker(self) -> torch_recorder.Recorder:
        return self.recorder

    @on_main_process
    def store_init_configuration(self, values: dict[str, Any]) -> None:
        """What a run says of its settings it has from the model and the probe."""

    @on_main_process
    def log(self, values: dict[str, Any], step: int | None = None, **_kwargs: Any) -> None:
        epoch = values.get("epoch")
        self.recorder.log(epoch=None if epoch is None else int(epoch), step=step, **tagged(values))

    @on_main_process
    def finish(self) -> None:
        self.recorder.close()
