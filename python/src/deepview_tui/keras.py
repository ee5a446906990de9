"""A callback for Keras 3 on any backend: ``model.fit(..., callbacks=[Recorder(probe=(images, labels))])``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from .errors import RecordingError
from .keep import Keep
from .probe import check_labels, split_probe
from .run import Layer, Run
from .schema import most_probe_images
from .tags import tagged

__all__ = ["Recorder"]

_KINDS = {
    **dict.fromkeys(("Conv", "DepthwiseConv", "SeparableConv"), "convolution"),
    **dict.fromkeys(("Dense", "EinsumDense"), "dense"),
    **dict.fromkeys(("Normalization",), "normalisation"),
    **dict.fromkeys(("Pooling",), "pooling"),
    **dict.fromkeys(("Activation", "ReLU", "Softmax", "ELU"), "activation"),
}
#: They only pass on, or only change the shape.
_PASSING = ("InputLayer", "Flatten", "Reshape", "Permute", "Identity", "ZeroPadding", "Cropping")


class Recorder(keras.callbacks.Callback):
    """Records a model while it is fitted: functional, sequential and subclassed ones.

    :param probe: ``(inputs, labels)`` or inputs: arrays with the samples in front
    :param classes: names in the order of their numbers
    :param run: a new directory; by default one where the program keeps its runs
    :param keep: what is kept of samples, as of `deepview_tui.watch`
    :param batch: samples of the probe at once
    """

    def __init__(
        self,
        *,
        probe: Any,
        classes: Sequence[str] | None = None,
        run: str | os.PathLike[str] | None = None,
        name: str | None = None,
        dataset: str | None = None,
        keep: str | int | Keep = "all",
        batch: int = 128,
        resume: bool = False,
        strict: bool = False,
    ) -> None:
        super().__init__()
        self.run: Run | None = None
        inputs, labels = split_probe(probe)
        self._inputs = inputs
        self._count = len(next(iter(inputs.values())) if isinstance(inputs, dict) else inputs)
        if not 0 < self._count <= most_probe_images():
            raise RecordingError(f"the probe has {self._count} samples; give 1 to {most_probe_images()}.")
        check_labels(labels, self._count)
        self._labels, self._classes, self._place, self._name = labels, classes, run, name
        self._dataset, self._keep, self._batch = dataset, keep, batch
        self._resume, self._strict = resume, strict

    def on_train_begin(self, logs: Any = None) -> None:
        samples, layers = self._answers()
        if self.run is not None:
            # Keras tells a callback of no error: a fit that raised before did not end its run.
            self.run.close("failed")
        self.run = Run(
            self._place,
            name=self._name or self.model.name,
            layers=[layers[name] for name in samples],
            labels=None if self._labels is None else np.asarray(self._labels).reshape(-1),
            classes=self._classes,
            epochs=int((self.params or {}).get("epochs") or 0),
            dataset=self._dataset,
            keep=self._keep,
            engine={"name": f"keras on {keras.backend.backend()}", "version": keras.__version__, "device": ""},
            header={"network": {"name": self._name or self.model.name, "parameters": self._parameters()}},
            resume=self._resume,
            strict=self._strict,
        )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        run = self.run
        if run is None:
            return
        run.end_epoch()
        self.on_train_batch_end(0)
        if not run.is_recording:
            return
        with run.guarded(), run.monitored():
            samples, _ = self._answers()
            rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
            told = {**tagged(logs or {}), **({} if rate is None else tagged({"learning_rate": rate}))}
            run.record(epoch=epoch + 1, samples=samples, scalars=told)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.run is not None and self.run.should_stop:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.run is not None:
            self.run.close()

    def _parameters(self) -> int:
        return int(sum(np.prod(one.shape) for one in self.model.trainable_weights))

    def _answers(self) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, Layer]]:
        """The samples of each layer, in the order in which they are called, and what each layer is."""
        parts: dict[str, list[npt.NDArray[np.float32]]] = {}
        layers: dict[str, Layer] = {}
        counts: dict[int, int] = {}
        leaves = _leaves(self.model)
        names = _names(leaves)

        def answered(layer: Any, output: Any) -> None:
            nth = counts[id(layer)] = counts.get(id(layer), 0) + 1
            name = names[id(layer)] if nth == 1 else f"{names[id(layer)]}#{nth}"
            output = _first(output)
            if output is None or len(output.shape) < 2 or "float" not in keras.backend.standardize_dtype(output.dtype):
                return
            axis = 1 if getattr(layer, "data_format", None) == "channels_first" else len(output.shape) - 1
            positions = [at for at in range(1, len(output.shape)) if at != axis]
            values = keras.ops.cast(output, "float32")
            values = keras.ops.mean(values, axis=positions) if positions else values
            parts.setdefault(name, []).append(np.asarray(keras.ops.convert_to_numpy(values)))
            if name not in layers:
                sides = [int(output.shape[at]) for at in positions]
                units = int(output.shape[axis])
                shape = (int(np.prod(sides[:-1])), sides[-1], units) if sides else (1, 1, units)
                own = sum(int(np.prod(one.shape)) for one in layer.trainable_weights) if nth == 1 else 0
                layers[name] = Layer(name, units, _kind(layer), shape, own, range=_range(layer))

        with _listening(leaves, answered):
            for begin in range(0, self._count, self._batch):
                counts.clear()
                self.model(_part(self._inputs, slice(begin, begin + self._batch)), training=False)
        samples = {name: np.concatenate(many) for name, many in parts.items()}
        return {name: one for name, one in samples.items() if len(one) == self._count}, layers


def _part(inputs: Any, part: slice) -> Any:
    if isinstance(inputs, dict):
        return {name: keras.ops.convert_to_tensor(one[part]) for name, one in inputs.items()}
    return keras.ops.convert_to_tensor(inputs[part])


def _first(output: Any) -> Any:
    while isinstance(output, (list, tuple, dict)):
        inner = list(output.values()) if isinstance(output, dict) else list(output)
        if not inner:
            return None
        output = inner[0]
    return output if hasattr(output, "shape") else None


def _leaves(model: Any) -> list[Any]:
    found: list[Any] = []
    for layer in model._flatten_layers(include_self=False):
        kind = type(layer).__name__
        inner = [one for one in layer._flatten_layers(include_self=False) if one is not layer]
        if not inner and not kind.startswith(_PASSING) and "Dropout" not in kind and layer not in found:
            found.append(layer)
    return found


def _names(leaves: Sequence[Any]) -> dict[int, str]:
    """Names by layer, with the path where a name alone would repeat."""
    plain = [layer.name for layer in leaves]
    result: dict[int, str] = {}
    taken: set[str] = set()
    for layer in leaves:
        name = layer.name if plain.count(layer.name) == 1 else (layer.path or layer.name).replace("/", ".")
        at = 1
        while name in taken:
            at += 1
            name = f"{layer.name}.{at}"
        taken.add(name)
        result[id(layer)] = name
    return result


@contextlib.contextmanager
def _listening(leaves: Sequence[Any], answered: Any) -> Iterator[None]:
    """Hears of each layer's output, in the order of execution, while the model is called eagerly."""
    changed: list[Any] = []
    try:
        for layer in leaves:
            call = layer.call

            def told(*given: Any, _layer: Any = layer, _call: Any = call, **more: Any) -> Any:
                output = _call(*given, **more)
                answered(_layer, output)
                return output

            # Not by the layer's own way, which tracks what it is given.
            object.__setattr__(layer, "call", told)
            changed.append(layer)
        yield
    finally:
        for layer in changed:
            object.__delattr__(layer, "call")


def _kind(layer: Any) -> str:
    name = type(layer).__name__
    return next((kind for part, kind in _KINDS.items() if part in name), "other")


def _range(layer: Any) -> tuple[float, float] | None:
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    return {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0)}.get(activation)
