"""A callback for Hugging Face's Trainer: ``Trainer(..., callbacks=[Recorder(probe=batch)])``."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from .tags import tagged
from .torch import recorder as torch_recorder

__all__ = ["Recorder"]


class Recorder(TrainerCallback):
    """Records a model while a Trainer trains it; its parameters are those of `deepview_tui.watch`.

    The probe is a batch as the model takes it, ``{"input_ids": ..., "attention_mask": ..., "labels": ...}``, whose
    labels are classes where they are one a sample; of a language model they are left out. What the Trainer logs
    becomes scalars: ``eval_loss`` is ``loss/validation``.
    """

    def __init__(self, *, probe: Any, **options: Any) -> None:
        self.recorder: torch_recorder.Recorder | None = None
        self._options = {"probe": probe, **options}

    def on_train_begin(self, args: Any, _state: Any, _control: Any, model: Any = None, **_kwargs: Any) -> None:
        planned = round(args.num_train_epochs) if args.max_steps <= 0 else None
        self.recorder = torch_recorder.watch(model, **{"epochs": planned, **self._options})

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_kwargs: Any) -> None:
        if self.recorder is not None and self.recorder.should_stop:
            control.should_training_stop = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_kwargs: Any) -> None:
        # The numbers of the epoch come after it, and the best weights may be loaded before the training ends.
        if self.recorder is not None:
            self.recorder.hold(epoch=max(1, round(state.epoch or 0)), step=state.global_step or None)
        self.on_step_end(args, state, control)

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_kwargs: Any) -> None:
        if self.recorder is not None and "train_runtime" not in (logs or {}):
            self.recorder.tell(epoch=state.epoch, **tagged(logs or {}))

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_kwargs: Any) -> None:
        if self.recorder is not None:
            self.recorder.close()
