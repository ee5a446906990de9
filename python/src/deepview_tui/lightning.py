"""A callback for Lightning: ``Trainer(callbacks=[Recorder(probe=(images, labels))])``."""

from __future__ import annotations

from typing import Any

try:
    from lightning.pytorch import Callback
except ImportError:
    from pytorch_lightning import Callback

from .tags import tagged
from .torch import recorder as torch_recorder

__all__ = ["Recorder"]


class Recorder(Callback):
    """Records a `LightningModule` while it is fitted; its parameters are those of `deepview_tui.watch`.

    What the module logs becomes scalars: ``val_loss`` is ``loss/validation``.
    """

    def __init__(self, *, probe: Any, **options: Any) -> None:
        self.recorder: torch_recorder.Recorder | None = None
        self._options = {"probe": probe, **options}

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        planned = trainer.max_epochs if trainer.max_epochs and trainer.max_epochs > 0 else None
        self.recorder = torch_recorder.watch(pl_module, **{"epochs": planned, **self._options})

    def on_train_batch_end(self, trainer: Any, *_given: Any) -> None:
        # Numbers are read only where a record waits for them: reading them waits for the device.
        if self.recorder is not None and self.recorder.is_held:
            scalars: dict[str, Any] = tagged(trainer.callback_metrics)
            self.recorder.log(epoch=trainer.current_epoch, **scalars)
        self._stop(trainer)

    def on_train_epoch_end(self, trainer: Any, _module: Any) -> None:
        if self.recorder is not None:
            scalars: dict[str, Any] = tagged(trainer.callback_metrics)
            self.recorder.log(epoch=trainer.current_epoch + 1, **scalars)
        self._stop(trainer)

    def _stop(self, trainer: Any) -> None:
        """Ends the training at the trainer's next look, where it was asked to end."""
        if self.recorder is not None and self.recorder.should_stop:
            trainer.should_stop = True

    def on_exception(self, _trainer: Any, _module: Any, exception: BaseException) -> None:
        if self.recorder is not None:
            is_stop = isinstance(exception, (KeyboardInterrupt, SystemExit))
            self.recorder.close("stopped" if is_stop else "failed", None if is_stop else exception)

    def on_fit_end(self, trainer: Any, _module: Any) -> None:
        if self.recorder is not None:
            self.recorder.close("stopped" if getattr(trainer, "interrupted", False) else "finished")
