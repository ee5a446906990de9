"""The probe: the same images, or other inputs, at every record; from whatever a training has at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import RecordingError
from ..probe import check_labels

__all__ = ["Probe", "map_tensors"]

#: Inputs that are taken of a loader or a data set.
MOST = 1000


def map_tensors(of: Callable[[torch.Tensor], Any], value: Any) -> Any:
    """A nest of lists, tuples and dicts with its tensors changed."""
    if isinstance(value, torch.Tensor):
        return of(value)
    if isinstance(value, Mapping):
        return {name: map_tensors(of, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(map_tensors(of, one) for one in value)
    return value


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from tensors_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from tensors_in(one)


@dataclass(frozen=True)
class Probe:
    """Inputs with one place a sample in front: a tensor, a tuple (positional) or a dict (by name) of such."""

    inputs: Any
    #: The class of each.
    labels: Any
    count: int

    @classmethod
    def of(cls, given: Any) -> Probe:
        """Of ``inputs``, ``(inputs, labels)``, a dict, a ``DataLoader``, any iterable of batches, or a ``Dataset``.

        :raises RecordingError: where it is empty, or its parts are of other numbers of samples
        """
        if isinstance(given, (torch.Tensor, np.ndarray, Mapping)):
            return cls._checked(given, None)
        if isinstance(given, (tuple, list)):
            if len(given) != 2 or not isinstance(given[0], (torch.Tensor, np.ndarray, Mapping, tuple, list)):
                raise RecordingError(
                    "the probe is no (inputs, labels); several inputs are a tuple of their own: ((a, b), labels)."
                )
            return cls._checked(*given)
        if hasattr(given, "__getitem__") and hasattr(given, "__len__") and not hasattr(given, "batch_size"):
            return cls._of_dataset(given)
        if isinstance(given, Iterable):
            return cls._of_batches(given)
        raise RecordingError(f"the probe is of {type(given).__name__}; give inputs, (inputs, labels) or a loader.")

    @classmethod
    def _of_dataset(cls, dataset: Any) -> Probe:
        size = len(dataset)
        if size == 0:
            raise RecordingError("the probe is empty; give it at least one sample.")
        # Data sets are often sorted by class.
        places = sorted({int(one) for one in np.linspace(0, size - 1, min(size, MOST))})
        subset = torch.utils.data.Subset(dataset, places)
        return cls._of_batches(torch.utils.data.DataLoader(subset, batch_size=100))

    @classmethod
    def _of_batches(cls, batches: Iterable[Any]) -> Probe:
        inputs: list[Any] = []
        labels: list[Any] = []
        count = 0
        for batch in batches:
            is_pair = isinstance(batch, (tuple, list)) and len(batch) == 2
            one = cls._checked(*batch) if is_pair and _may_be_labels(batch[1]) else cls._checked(_inputs(batch), None)
            inputs.append(one.inputs)
            labels.append(one.labels)
            count += one.count
            if count >= MOST:
                break
        if not inputs:
            raise RecordingError("the probe is empty; give it at least one sample.")
        joined = _joined(inputs)
        classes = None if any(one is None for one in labels) else np.concatenate([_array(one) for one in labels])
        count = min(count, MOST)
        return cls(map_tensors(lambda one: one[:count], joined), None if classes is None else classes[:count], count)

    @classmethod
    def _checked(cls, inputs: Any, labels: Any) -> Probe:
        if isinstance(inputs, Mapping) and labels is None and _may_be_labels(inputs.get("labels")):
            labels = inputs["labels"]
        if isinstance(inputs, Mapping):
            inputs = {name: one for name, one in inputs.items() if name != "labels"}
        inputs = _as_tensors(inputs)
        sizes = sorted({one.shape[0] if one.dim() else 0 for one in tensors_in(inputs)})
        if not sizes or sizes == [0]:
            raise RecordingError("the probe is empty; give it at least one sample.")
        if len(sizes) > 1:
            raise RecordingError(
                f"the probe's inputs are of {sizes[0]} and of {sizes[-1]} samples; give as many of each."
            )
        check_labels(labels, sizes[0])
        # A copy: what the training does with its tensors is not the probe's.
        return cls(map_tensors(lambda one: one.detach().clone(), inputs), labels, sizes[0])

    def share(self, places: Sequence[int]) -> Probe:
        """Some of the samples; labels are of all."""
        index = torch.as_tensor(places)
        return Probe(map_tensors(lambda one: one[index.to(one.device)], self.inputs), self.labels, len(places))

    def batches(self, size: int, device: torch.device, dtype: torch.dtype | None) -> Iterator[tuple[slice, Any]]:
        """The inputs in batches on a device.

        :param dtype: of floating-point inputs; None leaves them as they are
        """
        for begin in range(0, self.count, size):
            part = slice(begin, min(begin + size, self.count))

            def moved(one: torch.Tensor, part: slice = part) -> torch.Tensor:
                cast = dtype if dtype is not None and one.is_floating_point() else None
                return one[part].to(device=device, dtype=cast)

            yield part, map_tensors(moved, self.inputs)

    def images(self) -> torch.Tensor | None:
        """``[N, 1 or 3, height, width]``, where the first input is of images."""
        first = next(tensors_in(self.inputs), None)
        if first is None or first.dim() != 4 or first.shape[1] not in (1, 3) or min(first.shape[2:]) < 4:
            return None
        return first if first.is_floating_point() or first.dtype == torch.uint8 else None


def _inputs(batch: Any) -> Any:
    """What of a loader's batch goes into the model, where the rest are no classes: targets of another kind."""
    return batch[0] if isinstance(batch, (tuple, list)) and len(batch) in (1, 2) else batch


def _as_tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Mapping):
        return {name: _as_tensors(one) for name, one in value.items()}
    return tuple(_as_tensors(one) for one in value) if isinstance(value, (list, tuple)) else value


def _may_be_labels(value: Any) -> bool:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.ndim == 1 and not (
            value.is_floating_point() if isinstance(value, torch.Tensor) else value.dtype.kind == "f"
        )
    return isinstance(value, (list, tuple)) and all(isinstance(one, int) for one in value)


def _array(labels: Any) -> Any:
    return labels.cpu().numpy() if isinstance(labels, torch.Tensor) else np.asarray(labels)


def _joined(parts: list[Any]) -> Any:
    first = parts[0]
    if isinstance(first, torch.Tensor):
        if len({one.shape[1:] for one in parts}) > 1:
            raise RecordingError("the probe's batches are of other shapes; give inputs of one shape.")
        return torch.cat(parts)
    if isinstance(first, Mapping):
        return {name: _joined([one[name] for one in parts]) for name in first}
    if isinstance(first, (list, tuple)):
        return tuple(_joined(list(one)) for one in zip(*parts, strict=True))
    return first
