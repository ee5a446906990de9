"""`Run`: writes a run directory of format 2 from arrays, for any framework."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from . import metrics as measures
from .encoding import checksum, encode_json, encode_line, encode_tensors, fitting_half, now
from .errors import Guard, RecordingError, file_error, warn
from .features import Features, write_features
from .files import RunPaths, append_flushed, new_run_directory, sync_directory, write_atomically
from .keep import Keep
from .lock import Lock
from .reading import last_number, read_header
from .requests import Requests
from .schema import NAME_LENGTH, Invalid, check_header, check_record, most_probe_images
from .status import Heartbeat
from .version import __version__
from .worker import Worker

__all__ = ["Layer", "Run"]

Clock = Literal["epoch", "step"]
State = Literal["finished", "stopped", "failed"]
Closed = TypeVar("Closed", bound="Closing")


@dataclass(frozen=True)
class Layer:
    """What a run says of a layer: the fields of ``network.layers`` in run.json."""

    #: Unique. Dots make it a path in a tree: ``encoder.block1.conv2``.
    name: str
    #: Neurons: channels of a convolution, units of a dense layer.
    units: int
    #: ``convolution``, ``dense``, ``normalisation``, ``activation``, ``pooling``, ``dropout`` or ``other``.
    kind: str = "other"
    #: Output of one image: (height, width, channels); by default (1, 1, units).
    shape: tuple[int, int, int] | None = None
    #: Trained numbers.
    parameters: int = 0
    #: What is shown; by default the name.
    label: str | None = None
    #: What a position sees of the input, in pixels: (size, stride, offset); by default the whole image.
    receptive_field: tuple[int, int, int] | None = None
    #: What an activation function's values lie between.
    range: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"name": self.name, "units": self.units, "kind": self.kind}
        told["shape"] = list(self.shape or (1, 1, self.units))
        told["parameters"] = self.parameters
        if self.label is not None:
            told["label"] = self.label
        if self.receptive_field is not None:
            told["receptiveField"] = dict(zip(("size", "stride", "offset"), self.receptive_field, strict=True))
        if self.range is not None:
            told["range"] = list(self.range)
        return told


@dataclass
class _Measured:
    """What a record has of its layers."""

    #: Samples ``[images, neurons]`` by layer.
    samples: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    #: Values of neurons by layer and metric.
    neurons: dict[str, dict[str, npt.NDArray[np.float64]]] = field(default_factory=dict)
    #: Values of layers by metric and layer.
    layers: dict[str, dict[str, float]] = field(default_factory=dict)


class Closing:
    """A context manager that is closed as its block ended: finished, stopped by a person, or failed."""

    def close(self, state: State = "finished", error: BaseException | None = None) -> None:
        """Ends the run.

        :param error: why it failed
        """
        raise NotImplementedError

    def close_with(self, error: BaseException | None) -> None:
        """Closes as a block ended."""
        if error is None:
            self.close("finished")
        elif isinstance(error, (KeyboardInterrupt, GeneratorExit, SystemExit)):
            self.close("stopped")
        else:
            self.close("failed", error)

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows of it; its words where there is no program, or no record yet."""
        from .notebook import Shown

        try:
            return Shown(self).png()
        except RecordingError:
            return None

    def __enter__(self: Closed) -> Closed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close_with(error)


class Run(Guard, Closing):
    """A run, written while a training goes on; also as a context manager, which closes it.

    What is wrong with the arguments is raised here, before anything was trained. Later, whatever goes wrong (a full
    disk, samples of another shape) is one warning, and no more records: the training goes on.

    :param directory: new or empty; by default a new one where the program keeps its runs
    :param layers: in the order in which they are run; by default as the first record's samples say
    :param labels: the class of each probe image, from 0; without them there are all metrics but those of classes
    :param classes: names in the order of their numbers
    :param clock: what numbers the records: ``epoch``, or ``step``, batches learned from
    :param epochs: how many are planned
    :param keep: what is kept of samples: ``"all"``, ``"quantiles"``, k for every k-th record, ``"quantiles every 10"``
    :param metrics: what is to be known of scalars and metrics of one's own: ``{"bleu": {"better": "higher"}}``
    :param header: more fields of run.json, which take precedence
    :param resume: goes on with the run in the directory where there is one
    :param takes_requests: whether `should_stop` and `heed` obey what the program asks for (``runs stop``)
    :param strict: raises what would be a warning
    :raises RecordingError: one sentence
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] | None = None,
        *,
        name: str = "network",
        layers: Sequence[Layer] | None = None,
        labels: Any = None,
        classes: Sequence[str] | None = None,
        clock: Clock = "epoch",
        epochs: int = 0,
        dataset: str | None = None,
        image_shape: tuple[int, int, int] | None = None,
        keep: str | int | Keep = "all",
        metrics: Mapping[str, Mapping[str, Any]] | None = None,
        engine: Mapping[str, str] | None = None,
        header: Mapping[str, Any] | None = None,
        resume: bool = False,
        takes_requests: bool = True,
        strict: bool = False,
    ) -> None:
        self.keep = Keep.of(keep)
        self.strict = strict
        self.labels = _labels(labels)
        self._layers = {layer.name: layer for layer in layers} if layers is not None else None
        self._fields: dict[str, Any] = {
            "format": 2,
            "clock": clock,
            "createdAt": now(),
            "program": {"name": "deepview-tui (Python)", "version": __version__},
            "network": {"name": name},
            "dataset": {"name": dataset or "unknown", "classes": _classes(classes, self.labels)},
            **({} if self.labels is None else {"probe": {"labels": self.labels.tolist()}}),
            **({"metrics": {tag: dict(one) for tag, one in metrics.items()}} if metrics else {}),
            "training": {"epochs": epochs},
            "engine": dict(engine or {"name": "python", "version": sys.version.split()[0], "device": ""}),
            **(header or {}),
        }
        if image_shape is not None:
            self._fields["dataset"]["imageShape"] = list(image_shape)
        self._clock = clock
        self._takes_requests = takes_requests
        self._header: dict[str, Any] | None = None
        if layers is not None:
            self._checked_header(list(layers))
        self.paths = RunPaths(directory if directory is not None else new_run_directory(name))
        self._last: int | None = None
        #: The samples of the newest record, which the next one's are compared with.
        self._before: Mapping[str, Any] = {}
        self._values: dict[str, float] = {}
        self._thin: tuple[int, dict[str, npt.NDArray[Any]]] | None = None
        self._records = 0
        self._is_closed = False
        self._has_ended = False
        self._reason: str | None = None
        self._pid = os.getpid()
        self._spent = 0.0
        self._begin(resume)
        self._since = time.monotonic()

    # -- what it is

    @property
    def directory(self) -> Path:
        return self.paths.directory

    @property
    def last(self) -> int | None:
        """The number of the newest record; None before the first."""
        return self._last

    def values(self) -> dict[str, float]:
        """What the newest record measured, as flat numbers: ``loss/train``, ``discriminability/conv1``."""
        return dict(self._values)

    # -- writing

    def log(
        self,
        *,
        epoch: float | None = None,
        step: int | None = None,
        samples: Mapping[str, Any] | None = None,
        neurons: Mapping[str, Mapping[str, Any]] | None = None,
        layers: Mapping[str, Mapping[str, float]] | None = None,
        features: Mapping[str, Features] | None = None,
        **scalars: Any,
    ) -> None:
        """Records. Numbers ascend; one that repeats or falls takes the place of what was recorded from there on.

        :param epoch: of the clock of epochs: which one; by default the next
        :param step: batches learned from since the run began; of the clock of steps needed
        :param samples: by layer ``[images, neurons]``, its neurons' activations for the probe: arrays or tensors
        :param neurons: by metric and layer ``[neurons]``, of metrics of one's own
        :param layers: by metric and layer one number
        :param features: by layer its neurons' strongest patches
        :param scalars: numbers by tag; a dict makes several: ``loss={"train": 0.3, "validation": 0.5}``
        """
        self.end_epoch()
        if self._has_ended or self._is_forked:
            return
        with self.guarded(), self.monitored():
            if self._is_closed:
                raise RecordingError("the run is closed; begin another.")
            self.record(
                epoch=epoch,
                step=step,
                # Written later, when a buffer may hold the next record's numbers.
                samples={name: _copied(values) for name, values in (samples or {}).items()},
                neurons=neurons,
                layers=layers,
                features=features,
                scalars=scalars,
            )

    def record(
        self,
        *,
        epoch: float | None = None,
        step: int | None = None,
        samples: Mapping[str, Any] | None = None,
        neurons: Mapping[str, Mapping[str, Any]] | None = None,
        layers: Mapping[str, Mapping[str, float]] | None = None,
        features: Mapping[str, Features] | None = None,
        scalars: Mapping[str, Any] | None = None,
    ) -> None:
        """`log` for recorders, inside of `guarded` and `monitored`: raises what is wrong.

        Keeps the samples themselves, which must not change any more.
        """
        measured = self._measured(samples or {}, neurons or {}, layers or {})
        # Counts come as numpy's and torch's numbers too.
        epoch = None if epoch is None else _number(epoch, "epoch")
        step = None if step is None else int(_number(step, "step"))
        whole = int(epoch) if epoch is not None and epoch.is_integer() else epoch
        self._record(whole, step, measured, features or {}, scalars or {})

    @property
    def should_stop(self) -> bool:
        """Whether `runs stop` asks the training to end; to be asked between batches. Waits while the run is paused.

        From the first time on the run takes requests: what does not ask cannot be asked for anything.
        """
        return self._obeys and self._requests.should_stop()

    def heed(self) -> None:
        """For recorders that hear of each step: waits while the run is paused.

        :raises Stopped: as Ctrl-C would, where the training is to stop and does not ask `should_stop`
        """
        if self._obeys:
            self._requests.heed()

    def end_epoch(self) -> None:
        """For recorders: an epoch is over, and a training that was asked to stop after it is to stop."""
        if self._clock == "epoch":
            self._requests.end_epoch()

    @property
    def _obeys(self) -> bool:
        return self._takes_requests and not self._is_closed and not self._is_forked

    def end_recording(self, why: Exception) -> None:
        """Says once why there are no more records. What was recorded stays."""
        self._has_ended = True
        told = str(why) if isinstance(why, (RecordingError, Invalid)) else f"{type(why).__name__}: {why}"
        self._reason = f"recording ended: {told}"
        warn(f"deepview-tui records no more: {told}")

    @property
    def is_recording(self) -> bool:
        """Whether a record would be written."""
        return not (self._has_ended or self._is_closed or self._is_forked)

    @property
    def _is_forked(self) -> bool:
        """Whether this is a copy in a forked process, which has neither the threads nor the right to write."""
        return os.getpid() != self._pid

    @contextlib.contextmanager
    def monitored(self) -> Iterator[None]:
        """Counts the time inside as the recorder's."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - began

    def close(self, state: State = "finished", error: BaseException | None = None) -> None:
        """Ends the run; does nothing when it was ended before.

        :param error: why it failed
        """
        if self._is_closed or self._is_forked:
            return
        self._is_closed = True
        if state == "finished" and self._requests.has_stopped:
            state = "stopped"
        atexit.unregister(self._at_exit)
        failed: Exception | None = None
        try:
            self._worker.close()
        except Exception as thrown:
            failed = thrown
            self.end_recording(thrown)
        told = None
        if error is not None:
            last = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
            where = "".join(f"{Path(one.filename).name}, line {one.lineno}" for one in last)
            told = {"code": type(error).__name__, "message": (str(error) or type(error).__name__)[:1000]}
            told.update({"hint": f"It was raised in {where}."} if where else {})
        self._heartbeat.close(state, told, self._reason)
        self._lock.release()
        # One that holds something stays.
        with contextlib.suppress(OSError):
            self.paths.requests.rmdir()
        # Not in place of what ended the training.
        if failed is not None and self.strict and state == "finished":
            raise failed

    # -- inside

    def _begin(self, resume: bool) -> None:
        paths = self.paths
        try:
            paths.directory.mkdir(parents=True, exist_ok=True)
            names = {one.name for one in paths.directory.iterdir()}
        except OSError as thrown:
            raise file_error(thrown, "make", paths.directory) from thrown
        if "run.json" in names and not resume:
            raise RecordingError(
                f"{paths.directory} already holds a run; give another directory, or resume=True to go on with it."
            )
        foreign = sorted(name for name in names if not self._is_begun(name))
        if "run.json" not in names and foreign:
            raise RecordingError(f"{paths.directory} holds other files, such as {foreign[0]}; give a new directory.")
        self._lock = Lock(paths.lock, paths.status)
        try:
            paths.epochs.mkdir(exist_ok=True)
            if "run.json" in names:
                self._go_on()
            else:
                write_atomically(paths.journal, b"")
                if self._header is not None:
                    write_atomically(paths.header, encode_json(self._header) + b"\n")
                sync_directory(paths.directory.parent)
            self._requests = Requests(paths.requests, self._lock.token, knows_epochs=self._clock == "epoch")
            self._heartbeat = Heartbeat(paths.status, self._requests)
        except OSError as thrown:
            self._lock.release()
            raise file_error(thrown, "write", paths.directory) from thrown
        except BaseException:
            self._lock.release()
            raise
        self._worker = Worker()
        atexit.register(self._at_exit)

    def _is_begun(self, name: str) -> bool:
        """Whether a name is of a run that ended before its first record said what its layers are."""
        if name == "epochs.jsonl":
            return self.paths.journal.stat().st_size == 0
        return name in ("lock.json", "status.json", "epochs", "images", "requests") or bool(
            re.fullmatch(r"\.\w+\.jsonl?\.\d+\.tmp|lock\.json\.[0-9a-f-]{36}", name)
        )

    def _go_on(self) -> None:
        """Takes up a run that is there: its layers and its probe must be these."""
        written = read_header(self.paths)
        if self._header is not None and _sizes(written) != _sizes(self._header):
            raise RecordingError(f"{self.directory} is of other layers; give another directory.")
        if (written.get("probe") or {}).get("labels") != (self._fields.get("probe") or {}).get("labels"):
            raise RecordingError(f"{self.directory} is of another probe; give the same, or another directory.")
        if written["format"] != 2 or written.get("clock", "epoch") != self._clock:
            raise RecordingError(f"{self.directory} is of another format or clock; give another directory.")
        self._last = last_number(self.paths, written)
        if self._last is not None:
            self.paths.forget_from(self._last + 1)
        self._header = written
        self._layers = {
            one["name"]: Layer(one["name"], one["units"], range=tuple(one["range"]) if "range" in one else None)
            for one in written["network"]["layers"]
        }

    def _checked_header(self, layers: list[Layer]) -> None:
        for layer in layers:
            if len(layer.name) > NAME_LENGTH:
                raise RecordingError(
                    f"a layer's name may have {NAME_LENGTH} characters; {layer.name[:60]}... has more."
                )
        network = {**self._fields["network"], "layers": [one.to_json() for one in layers]}
        header = {**self._fields, "network": network}
        try:
            check_header(header)
        except Invalid as thrown:
            raise RecordingError(f"run.json: {thrown}.") from thrown
        self._header = header

    def _record(
        self,
        epoch: float | None,
        step: int | None,
        measured: _Measured,
        features: Mapping[str, Features],
        scalars: Mapping[str, Any],
    ) -> None:
        number = self._number(epoch, step)
        if self._last is not None and number <= self._last:
            # What was compared with comes later now, or is written anew: a reader finds what was before.
            measured.layers.pop("drift", None)
        flat = dict(_flat(scalars))
        seconds = time.monotonic() - self._since
        line: dict[str, Any] = {
            **({} if epoch is None and self._clock == "step" else {"epoch": number if epoch is None else epoch}),
            **({} if step is None else {"step": step}),
            "at": now(),
            "scalars": flat,
            "layers": self._layer_values(measured),
        }
        assert self._header is not None
        for name in features:
            self._layer(name)
        check_record(_as_read(line), self._header, "the record")
        if self._last is not None and number <= self._last:
            self._worker.wait()
            self.paths.forget_from(number)
            self._thin = None
        line["seconds"] = round(seconds, 6)
        line["monitoringShare"] = min(1.0, round(self._spent / seconds, 6)) if seconds > 0 else 0.0
        self._since += seconds
        self._spent = 0.0
        self._values = {**flat, **self._flat_layers(line["layers"])}
        self._last = number
        self._before = measured.samples
        keeps = self._records % self.keep.every == 0
        self._records += 1
        self._worker.put(functools.partial(self._write, number, measured, line, features, keeps))

    def _number(self, epoch: float | None, step: int | None) -> int:
        if self._clock == "step":
            if step is None:
                raise RecordingError("records of this run are numbered by steps: give step=.")
            return int(step)
        if epoch is None:
            return 1 if self._last is None else self._last + 1
        return int(epoch)

    def _known_layers(self) -> dict[str, Layer]:
        return self._layers or {}

    def _measured(
        self,
        samples: Mapping[str, Any],
        neurons: Mapping[str, Mapping[str, Any]],
        layers: Mapping[str, Mapping[str, float]],
    ) -> _Measured:
        """Checks and measures what a record has of its layers; of the first, the run learns what they are."""
        for name, values in samples.items():
            self._check_samples(name, values.shape)
        if self._layers is None:
            found = [Layer(name, int(values.shape[1])) for name, values in samples.items()]
            if not found:
                raise RecordingError("the first record has no samples; give them, or say the layers: Run(layers=...).")
            self._checked_header(found)
            self._layers = {layer.name: layer for layer in found}
            write_atomically(self.paths.header, encode_json(self._header) + b"\n")
        result = _Measured()
        for name, values in samples.items():
            layer = self._layer(name)
            if values.shape[1] != layer.units:
                raise RecordingError(f"samples of {name} are of {values.shape[1]} neurons, not {layer.units}.")
            result.neurons[name] = dict(measures.measure(values, self.labels, layer.range))
            for metric, value in measures.measure_layer(values, self.labels, self._before.get(name)).items():
                result.layers.setdefault(metric, {})[name] = value
            result.samples[name] = measures.to_numpy(values)
        for metric, by_layer in neurons.items():
            if metric in ("samples", "quantiles"):
                raise RecordingError(f'"{metric}" is no name for a metric; call it otherwise.')
            for name, values in by_layer.items():
                array = measures.to_numpy(values).astype(np.float64)
                if array.shape != (self._layer(name).units,):
                    raise RecordingError(f"{metric} of {name} is {list(array.shape)}, not [{self._layer(name).units}].")
                result.neurons.setdefault(name, {})[metric] = array
        for metric, by_name in layers.items():
            own = {self._layer(name).name: _number(value, metric) for name, value in by_name.items()}
            result.layers[metric] = {**result.layers.get(metric, {}), **own}
        return result

    def _check_samples(self, name: str, shape: Sequence[int]) -> None:
        if len(shape) != 2 or not all(shape):
            raise RecordingError(
                f"samples of {name} are {list(shape)}, not [images, neurons]: give one number per image and neuron, "
                "such as the mean over positions or tokens."
            )
        if shape[0] > most_probe_images():
            raise RecordingError(f"{shape[0]} probe images are more than {most_probe_images()}.")
        if self.labels is not None and shape[0] != len(self.labels):
            raise RecordingError(f"samples of {name} are of {shape[0]} images, not {len(self.labels)}.")

    def _layer(self, name: str) -> Layer:
        layer = self._known_layers().get(name)
        if layer is None:
            raise RecordingError(f"the run has no layer {name}; its layers are {_some(self._known_layers())}.")
        return layer

    def _layer_values(self, measured: _Measured) -> dict[str, list[float | None]]:
        """Values of layers by metric, one per layer, None where one has none."""
        names = list(self._known_layers())
        ids = {metric: None for of in measured.neurons.values() for metric in of} | dict.fromkeys(measured.layers)
        result: dict[str, list[float | None]] = {}
        for metric in ids:
            own = measured.layers.get(metric, {})
            result[metric] = [
                own[name]
                if name in own
                else measures.layer_value(metric, measured.neurons[name][metric])
                if metric in measured.neurons.get(name, {})
                else None
                for name in names
            ]
        return result

    def _flat_layers(self, layers: Mapping[str, Sequence[float | None]]) -> dict[str, float]:
        names = list(self._known_layers())
        return {
            f"{metric}/{name}": value
            for metric, values in layers.items()
            for name, value in zip(names, values, strict=True)
            if value is not None
        }

    def _write(
        self, number: int, measured: _Measured, line: dict[str, Any], features: Mapping[str, Features], keeps: bool
    ) -> None:
        """Writes a record's files, and last its line. Runs in the worker."""
        if self._thin is not None:
            thinned, tensors = self._thin
            write_atomically(self.paths.data(thinned), self._file(thinned, tensors))
            self._thin = None
        stored: dict[str, npt.NDArray[Any]] = {}
        answers: dict[str, npt.NDArray[Any]] = {}
        for index, name in enumerate(self._known_layers(), 1):
            for metric, values in measured.neurons.get(name, {}).items():
                stored[f"{index}.{metric}"] = values
            if name not in measured.samples:
                continue
            samples = measured.samples[name]
            if not self.keep.quantiles:
                answers[f"{index}.samples"] = fitting_half(samples)
            elif "nonfinite" not in measured.neurons[name]:
                found = measures.quantiles(samples, self.labels, self.keep.quantiles)
                answers[f"{index}.quantiles"] = fitting_half(found)
        if stored or answers:
            content = self._file(number, {**stored, **answers})
            write_atomically(self.paths.data(number), content)
            if self.keep.every == 1:
                line = {**line, "data": checksum(content)}
            elif not keeps:
                # The newest record has its samples until there is a newer one.
                self._thin = (number, stored)
        if features:
            indexed = {place: features[name] for place, name in enumerate(self._known_layers(), 1) if name in features}
            write_features(self.paths.features(number), number, indexed)
        append_flushed(self.paths.journal, encode_line(line))

    @staticmethod
    def _file(number: int, tensors: Mapping[str, npt.NDArray[Any]]) -> bytes:
        return encode_tensors(tensors, {"format": "deepview-run", "epoch": str(number)})

    def flush(self) -> None:
        """Waits until what was recorded is on the disk."""
        with self.guarded():
            self._worker.wait()

    def _at_exit(self) -> None:
        """Of a program that ends without closing its run."""
        error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
        planned = int((self._fields.get("training") or {}).get("epochs", 0))
        done = self._last or 0
        if error is not None and not hasattr(sys, "ps1"):
            self.close_with(error)
        else:
            self.close("finished" if self._clock == "epoch" and 0 < planned <= done else "stopped")


def _sizes(header: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(one["name"], one["units"]) for one in header["network"]["layers"]]


def _labels(given: Any) -> npt.NDArray[np.int64] | None:
    if given is None:
        return None
    labels = measures.to_numpy(given)
    if labels.ndim != 1 or labels.size == 0:
        raise RecordingError(f"labels are {list(labels.shape)}, not one class an image.")
    if labels.dtype.kind not in "iub":
        whole = labels.astype(np.int64) if labels.dtype.kind == "f" and np.isfinite(labels).all() else None
        if whole is None or not np.array_equal(whole, labels):
            raise RecordingError("labels must be whole numbers from 0, the class of each image.")
        labels = whole
    if labels.min() < 0:
        place = int(np.flatnonzero(labels < 0)[0])
        raise RecordingError(f"label {place} is {labels[place]}; classes are numbered from 0.")
    return labels.astype(np.int64)


def _classes(given: Sequence[str] | None, labels: npt.NDArray[np.int64] | None) -> list[str]:
    if given is not None:
        classes = [str(one) for one in given]
        if labels is not None and labels.max() >= len(classes):
            place = int(np.flatnonzero(labels >= len(classes))[0])
            last = len(classes) - 1
            raise RecordingError(f"label {place} is {labels[place]}; {len(classes)} classes are numbered 0 to {last}.")
        return classes
    return [] if labels is None else [str(one) for one in range(int(labels.max()) + 1)]


def _flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}/")
        elif value is not None:
            yield f"{before}{name}", _number(value, f"{before}{name}")


def _number(value: Any, name: str) -> float:
    try:
        # A loss that gradients still flow through is no wish for any here.
        return float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError, RuntimeError) as thrown:
        raise RecordingError(f"{name} is {str(value)[:60]}, not a number.") from thrown


def _copied(values: Any) -> Any:
    """Numbers of one's own: an array, or a tensor on its device."""
    return values.detach().clone() if hasattr(values, "detach") else np.array(values)


def _as_read(line: Mapping[str, Any]) -> Any:
    """A line as a reader finds it: numbers that are not finite as texts."""
    return json.loads(encode_json(line))


def _some(names: Mapping[str, Any] | Sequence[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")
