"""`watch`: records a PyTorch model while it is trained, whatever the loop looks like."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..errors import RecordingError, warn
from ..features import SHEET_PIXELS, write_images
from ..keep import Keep
from ..run import Closing, Run, State
from .distributed import Bystander, Ranks, Which
from .gradients import METRICS, Steps
from .layers import Reading, Selector, find_layers, unwrapped
from .passes import Answers, Forward, Passes, Token, features_of
from .probe import Probe
from .undisturbed import random_numbers_kept

__all__ = ["Recorder", "watch"]

#: Records with patches: the first, each fifth and the last that is planned, as the program does.
PATCHES_EVERY = 5


def watch(
    model: nn.Module,
    *,
    probe: Any,
    classes: Sequence[str] | None = None,
    run: str | os.PathLike[str] | None = None,
    name: str | None = None,
    dataset: str | None = None,
    epochs: int | None = None,
    every: str = "epoch",
    keep: str | int | Keep = "all",
    gradients: bool = True,
    layers: Selector | None = None,
    layouts: Mapping[str, str] | None = None,
    token: Token = "mean",
    patches: int = 100,
    mean: Any = None,
    std: Any = None,
    forward: Forward | None = None,
    batch: int = 128,
    metrics: Mapping[str, Mapping[str, Any]] | None = None,
    ranks: Which = "auto",
    resume: bool = False,
    strict: bool = False,
) -> Recorder:
    """Records a model's layers while it is trained.

    The loop stays as it is, and so do its numbers: the probe is shown in eval mode, without gradients, and random
    numbers, buffers and flags are as before. What is wrong with the arguments, or with the model and the probe, is
    raised here. What goes wrong later is one warning, and no more records.

    :param probe: the same inputs at every record: ``(inputs, labels)``, inputs alone, a dict, a loader or a data set
    :param classes: names in the order of their numbers
    :param run: a new directory; by default one where the program keeps its runs
    :param epochs: how many are planned
    :param every: ``"epoch"``, told by `Recorder.log`; ``"500 steps"`` or ``"60 s"``, told by the optimiser
    :param keep: what is kept of samples: ``"all"``, ``"quantiles"``, k for every k-th record, ``"quantiles every 10"``
    :param gradients: whether norms of gradients and weights and update ratios are measured
    :param layers: which modules: a pattern of names, a type, a list of these, or a function of name and module
    :param layouts: by patterns of names what the axes of outputs are, where they are not found rightly: ``"nhwc"``
    :param token: of outputs ``[samples, tokens, neurons]``: ``"mean"``, ``"first"``, ``"last"``, a place, or a mask
    :param patches: strongest patches a neuron, of models of images; 0 for none
    :param mean: what was taken from the images' channels, so that they are shown as they were; std: what they were
        divided by
    :param forward: calls the model with a batch, where ``model(batch)`` does not
    :param batch: samples of the probe at once
    :param metrics: what is to be known of scalars of one's own: ``{"bleu": {"better": "higher"}}``
    :param ranks: of a training of several processes which show the probe: ``"first"``, ``"all"``, each a part of it, or
        ``"auto"``, which is all where the model is sharded; what is to be recorded by all is to be watched by all
    :param resume: goes on with the run in the directory where there is one
    :param strict: raises what would be a warning
    :raises RecordingError: one sentence
    """
    if not isinstance(model, nn.Module):
        raise RecordingError(f"watch needs a torch.nn.Module, not {type(model).__name__}.")
    schedule = _Schedule(every)
    if schedule.clock == "step" and not Steps.are_told:
        raise RecordingError('this PyTorch does not tell of steps; record with every="epoch", or update it.')
    inner = unwrapped(model)
    among = Ranks(inner, ranks)
    if among.share and schedule.seconds:
        raise RecordingError('ranks that measure together count steps: give every="500 steps", not seconds.')
    if not among.measures:
        return Recorder.silent(inner, schedule, strict=strict)
    if any(nn.parameter.is_lazy(one) for one in inner.parameters()):
        raise RecordingError("the model has lazy modules without weights yet; call it once before it is watched.")
    with random_numbers_kept(model):
        given = among.same(_probe_of(probe) if among.writes else None)
    passes = Passes(inner, given, among, token=token, forward=forward, batch=max(1, batch))
    readings, left_out = _layers_of(passes, layers, layouts or {})
    images = _carried(given, warns=among.writes) if patches > 0 else None
    if images is not None:
        _set_fields(passes, readings)
    total = sum(one.numel() for one in inner.parameters() if one.requires_grad)
    called = name or type(inner).__name__.removeprefix("FSDP").lower()
    options: dict[str, Any] = {"gradients": gradients, "epochs": epochs or 0}
    # Ranks that gather together gather the same.
    options["patches"] = 0 if images is None else patches
    if not among.writes:
        follower = Recorder(inner, Bystander(schedule.clock, strict=strict), passes, readings, schedule, **options)
        follower.begin()
        return follower
    written = Run(
        run,
        name=called,
        layers=[one.layer for one in readings if one.layer is not None],
        labels=given.labels,
        classes=classes,
        clock=schedule.clock,
        epochs=epochs or 0,
        dataset=dataset,
        image_shape=None if images is None else (images.shape[2], images.shape[3], images.shape[1]),
        keep=keep,
        metrics={**(METRICS if gradients else {}), **(metrics or {})},
        engine={"name": "pytorch", "version": str(torch.__version__), "device": _device_name(passes.device)},
        header={
            "network": {"name": called, "parameters": total},
            **({} if given.labels is not None else {"probe": {"indices": list(range(given.count))}}),
        },
        resume=resume,
        # Ranks that wait for one that is held give up after a while, and one that ends alone leaves them waiting.
        takes_requests=among.size == 1,
        strict=strict,
    )
    recorder = Recorder(inner, written, passes, readings, schedule, **options)
    recorder.skipped = left_out
    try:
        if images is not None:
            recorder.carry(images, mean, std)
        recorder.begin()
    except BaseException as thrown:
        recorder.close("failed", thrown)
        raise
    return recorder


class _Schedule:
    """When records are made."""

    def __init__(self, every: str) -> None:
        found = re.fullmatch(r"epoch|(\d+) steps?|(\d+(?:\.\d+)?) s", every) if isinstance(every, str) else None
        self.steps = int(found[1]) if found and found[1] else 0
        self.seconds = float(found[2]) if found and found[2] else 0.0
        if not found or (every != "epoch" and not self.steps and not self.seconds):
            raise RecordingError(f'every is {every!r}; it may be "epoch", "500 steps" or "60 s".')
        self.clock: Any = "epoch" if every == "epoch" else "step"

    def is_due(self, step: int, since: float) -> bool:
        if self.steps:
            return step % self.steps == 0
        return self.seconds > 0 and time.monotonic() - since >= self.seconds


@dataclass
class _Measured:
    """What was measured, until its numbers are told."""

    epoch: float | None
    step: int | None
    answers: Answers
    #: By metric and layer.
    norms: dict[str, dict[str, float]]
    #: The norm of the whole gradient.
    total: float | None


class Recorder(Closing):
    """Records a watched model; `watch` makes one. As a context manager it closes the run."""

    def __init__(
        self,
        model: nn.Module,
        run: Run | Bystander,
        passes: Passes | None,
        readings: Sequence[Reading],
        schedule: _Schedule,
        *,
        gradients: bool,
        epochs: int,
        patches: int = 0,
    ) -> None:
        self.run: Any = run
        #: Modules that were called and are not recorded, and why.
        self.skipped: dict[str, str] = {}
        #: Strongest patches a neuron; 0 where none are kept.
        self.patches = patches
        self._model = model
        self._passes = passes
        self._readings = readings
        self._schedule = schedule
        self._epochs = epochs
        self._since = time.monotonic()
        self._scalars: dict[str, Any] = {}
        self._epoch: float | None = None
        self._pending: _Measured | None = None
        self._records = 0
        self._is_passing = False
        self._has_ended = False
        self._first_step = run.last or 0 if schedule.clock == "step" else 0
        self._steps = Steps(
            model,
            readings,
            measures=gradients,
            before=self._commit,
            after=self._after_step,
            is_due=lambda step: bool(schedule.steps) and (self._first_step + step) % schedule.steps == 0,
        )

    @classmethod
    def silent(cls, model: nn.Module, schedule: _Schedule, *, strict: bool) -> Recorder:
        """Of a process that neither measures nor writes."""
        one = cls(model, Bystander(schedule.clock, strict=strict), None, [], schedule, gradients=False, epochs=0)
        one.close()
        return one

    @property
    def directory(self) -> Path | None:
        """The run's directory; None in a process that does not write it."""
        directory: Path | None = self.run.directory
        return directory

    @property
    def steps(self) -> int:
        """The optimiser's steps since the run began."""
        return self._first_step + self._steps.count

    def log(self, *, epoch: float | None = None, step: int | None = None, **scalars: Any) -> None:
        """Records now, where records are told by epochs; else keeps the numbers for the record of this step.

        :param epoch: which one; by default the next
        :param scalars: numbers by tag; a dict makes several: ``loss={"train": 0.3, "validation": 0.5}``
        """
        self.run.end_epoch()
        self._log(epoch, step, scalars)
        self.run.heed()

    def _log(self, epoch: float | None, step: int | None, scalars: Mapping[str, Any]) -> None:
        if not self._is_live:
            return
        if self._schedule.clock == "epoch":
            if self._pending is None or epoch not in (None, self._pending.epoch):
                self.hold(epoch=epoch, step=step)
        elif epoch is not None:
            self._epoch = epoch
        self._scalars.update(scalars)
        self._commit()

    def hold(self, *, epoch: float | None = None, step: int | None = None) -> None:
        """Measures now, and records with the numbers that `tell` and `log` are given until the next, or `close`."""
        self.run.end_epoch()
        if not self._is_live or self._schedule.clock != "epoch":
            return
        self._commit()
        number = int(epoch) if epoch is not None else (self.run.last or 0) + 1
        self._measure(number, step or self.steps or None, number == self._epochs)

    def tell(self, *, epoch: float | None = None, **scalars: Any) -> None:
        """Keeps numbers for the record that is held, or for the next."""
        self._scalars.update(scalars)
        if epoch is not None:
            self._epoch = epoch

    @property
    def is_held(self) -> bool:
        """Whether something was measured that waits for its numbers."""
        return self._pending is not None

    @property
    def should_stop(self) -> bool:
        """Whether `runs stop` asks the training to end, of a loop that ends itself: ``if recorder.should_stop: break``.

        One that never asks is ended after a step, or the epoch, by an exception: as by Ctrl-C.
        """
        is_asked: bool = self.run.should_stop
        return is_asked

    def values(self) -> dict[str, float]:
        """What was just measured, as flat numbers for a logger: ``loss/train``, ``discriminability/layer1.conv``."""
        values: dict[str, float] = self.run.values()
        return values

    def close(self, state: State = "finished", error: BaseException | None = None) -> None:
        """Ends the run, of a clock of steps with a last record; does nothing when it was ended before."""
        if self._is_live and state != "failed":
            if self._schedule.clock == "step" and self._pending is None and self.steps > (self.run.last or 0):
                self._measure(self._epoch, self.steps, True)
            self._commit()
        self._steps.close()
        self.run.close(state, error)

    # -- inside

    @property
    def _is_live(self) -> bool:
        """Whether to go on; ranks that measure together do until all know that one cannot."""
        return self._passes is not None and (
            self.run.is_recording or (self._passes.ranks.share and not self._has_ended)
        )

    def begin(self) -> None:
        """The record of before the first step, where they are counted."""
        if self._schedule.clock == "step" and self.run.last is None:
            self._measure(self._epoch, self.steps, False)

    def carry(self, images: torch.Tensor, mean: Any, std: Any) -> None:
        """Writes the probe's images into the run, which its patches are cut from."""
        if (self.run.paths.images / "images.json").exists():
            return
        classes = [0] * len(images) if self.run.labels is None else self.run.labels.tolist()
        write_images(self.run.paths, _pixels(images, mean, std), classes)

    def _after_step(self) -> None:
        self._record_step()
        self.run.heed()

    def _record_step(self) -> None:
        if self._is_live and not self._is_passing and self._schedule.is_due(self.steps, self._since):
            self._measure(self._epoch, self.steps, False)

    def _measure(self, epoch: float | None, step: int | None, is_last: bool) -> None:
        """Measures now, and writes it when the loop has told its numbers, or goes on without."""
        passes = self._passes
        if passes is None:
            return
        with self.run.guarded(), self.run.monitored():
            if not passes.ranks.agree(self.run.is_recording, passes.device):
                self._has_ended = True
                if self.run.is_recording:
                    self.run.end_recording(RecordingError("another rank records no more."))
                return
            self._is_passing = True
            number = self._records + 1
            wants_patches = self.patches > 0 and (number == 1 or number % PATCHES_EVERY == 0 or is_last)
            try:
                answers = passes.measure(self._readings, maxima=wants_patches)
            finally:
                self._is_passing = False
            norms, total = self._steps.take()
            self._pending = _Measured(epoch, step, answers, norms, total)
            self._since = time.monotonic()

    def _commit(self) -> None:
        held, self._pending = self._pending, None
        if held is None or not self.run.is_recording:
            return
        scalars, self._scalars = self._scalars, {}
        if held.total is not None:
            scalars.setdefault("gradient_norm", held.total)
        # What the loop told of the epoch came after the step was measured.
        epoch = held.epoch if self._schedule.clock == "epoch" else self._epoch
        with self.run.guarded(), self.run.monitored():
            self.run.record(
                epoch=epoch,
                step=held.step,
                samples=held.answers.samples,
                layers=held.norms,
                features=features_of(held.answers, self._readings, self.patches),
                scalars=scalars,
            )
        self._records += 1


def _probe_of(given: Any) -> Probe:
    try:
        return Probe.of(given)
    except RecordingError:
        raise
    except Exception as thrown:
        told = (str(thrown).strip() or "no reason given").split("\n")[0]
        raise RecordingError(f"the probe cannot be read ({type(thrown).__name__}: {told[:300]}).") from thrown


def _carried(probe: Probe, *, warns: bool) -> torch.Tensor | None:
    """The images that the run carries for its patches; None where there are none, or too many of them."""
    images = probe.images()
    if images is None:
        return None
    count, _, height, width = images.shape
    if count * height * width <= SHEET_PIXELS:
        return images
    if warns:
        warn(f"patches are left out: {count} images of {width}x{height} are more than a run carries.")
    return None


def _layers_of(
    passes: Passes, layers: Selector | None, layouts: Mapping[str, str]
) -> tuple[list[Reading], dict[str, str]]:
    """The first passes, over a few samples: they tell which axis counts them.

    :raises RecordingError: where the model does not take the probe
    """
    count = passes.probe.count
    few = min(3, count)
    sizes = [few, few - 1] if few > 1 else [1]
    try:
        traced = [passes.trace(size) for size in sizes]
    except Exception as thrown:
        # Some models take whole batches alone.
        sizes = [count]
        try:
            traced = [passes.trace(count)]
        except Exception:
            told = (str(thrown).strip() or type(thrown).__name__).split("\n")[0]
            raise RecordingError(
                f"the model does not take the probe in eval mode ({type(thrown).__name__}: {told[:300]}); give a probe "
                "that it takes, or forward=."
            ) from thrown
    return find_layers(passes.model, traced, sizes, layers, layouts)


def _set_fields(passes: Passes, readings: list[Reading]) -> None:
    try:
        fields = passes.fields(readings)
    except Exception:
        # Where operations cannot be followed (sharded or scripted models), positions see the whole image.
        return
    for reading in readings:
        found = fields.get(reading.name)
        if found is not None and reading.layer is not None:
            reading.layer = replace(reading.layer, receptive_field=(found.size, found.stride, found.offset))


def _pixels(images: torch.Tensor, mean: Any, std: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Images as they were before they were normalised, ``[N, height, width, channels]``, 0 to 255."""
    values = images.float().cpu()
    if images.dtype != torch.uint8:
        if std is not None:
            values = values * _by_channel(std)
        if mean is not None:
            values = values + _by_channel(mean)
        low, high = float(values.min()), float(values.max())
        if mean is None and std is None and (low < 0 or high > 1):
            # How they were changed was not told: their whole range is shown.
            values = (values - low) / max(high - low, 1e-12)
        values = (values * 255).round()
    return np.asarray(values.clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy())


def _by_channel(given: Any) -> torch.Tensor:
    return torch.as_tensor(given, dtype=torch.float32).reshape(-1, 1, 1)


def _device_name(device: torch.device) -> str:
    return str(torch.cuda.get_device_name(device) if device.type == "cuda" else device.type)
