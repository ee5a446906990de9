"""The program's metrics of layers, of numpy arrays or, on their device, of tensors: equal to 1e-6 relative.

Definitions are those of docs/run-format.md. Samples are ``[images, neurons]``, values of neurons ``[neurons]`` in
float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["discriminability", "layer_value", "measure", "measure_layer", "to_numpy"]

Floats = npt.NDArray[np.float64]

#: Samples this near to zero count as zero: beyond it, half precision tells hardly any values apart.
_NOTHING = 1e-7
#: Within this share of an activation function's range from one of its ends a sample is at that end.
_END = 0.05
#: Bytes that differences of classes may take at once.
_ROOM = 2**27


def measure(samples: Any, labels: npt.ArrayLike | None, span: tuple[float, float] | None = None) -> dict[str, Floats]:
    """All metrics of one layer's neurons.

    :param samples: ``[images, neurons]``, an array or a tensor; a tensor's numbers are computed on its device
    :param labels: the class of each image; without two classes there is no metric that needs classes
    :param span: what the values of the layer's activation function lie between
    :returns: values a neuron by id; of samples that are not all finite their number alone, as ``nonfinite``
    """
    values = _double(samples)
    xp = _library(values)
    broken = ~xp.isfinite(values)
    if bool(broken.any()):
        return {"nonfinite": to_numpy(broken.sum(0)).astype(np.float64)}
    classes = None if labels is None else np.asarray(labels)
    result: dict[str, Floats] = {}
    if classes is not None and len(np.unique(classes)) > 1:
        result["discriminability"] = discriminability(values, classes)
    images = max(1, values.shape[0])
    result["density"] = to_numpy(xp.clip(values, 0.0, 1.0).sum(0) / images)
    result["active"] = to_numpy((values > 0).sum(0)).astype(np.float64) / images
    result["dead"] = to_numpy((abs(values) <= _NOTHING).sum(0)).astype(np.float64) / images
    if span is not None:
        margin = _END * (span[1] - span[0])
        at_ends = (values <= span[0] + margin) | (values >= span[1] - margin)
        result["saturated"] = to_numpy(at_ends.sum(0)).astype(np.float64) / images
    return result


def measure_layer(samples: Any, labels: npt.ArrayLike | None, before: Any = None) -> dict[str, float]:
    """The metrics of a layer as a whole, of how its neurons go together; none of samples that are not all finite.

    :param before: the layer's samples at the record before, where there is one: then there is a drift
    """
    values = _double(samples)
    xp = _library(values)
    if not bool(xp.isfinite(values).all()):
        return {}
    values = values / _scale(values)
    classes = None if labels is None else np.asarray(labels)
    result: dict[str, float] = {}
    if classes is not None and len(np.unique(classes)) > 1:
        result["separability"] = _separability(values, classes)
    centred = values - values.mean(0)
    size = _squared_product(centred, centred)
    trace = float((centred**2).sum())
    result["dimension"] = trace**2 / size if size > 0 else 0.0
    if before is not None:
        # What was kept of the record before is the host's.
        kept = to_numpy(before)
        then = _double(kept if xp is np else xp.as_tensor(kept, device=values.device))
        if then.shape == values.shape and bool(xp.isfinite(then).all()):
            then = then / _scale(then)
            result["drift"] = _drift(centred, size, then - then.mean(0))
    return result


def _separability(values: Any, labels: npt.NDArray[Any]) -> float:
    """The share of images nearest to the mean of their own class, the image left out of it."""
    xp = _library(values)
    own, nearest = (xp.full_like(values[:, 0], math.inf) for _ in range(2))
    for label in np.unique(labels):
        of = _index(np.flatnonzero(labels == label), values)
        distances = ((values - values[of].mean(0)) ** 2).sum(1)
        # Leaving an image out moves its class's mean away from it, by this factor; of one alone there is none then.
        if len(of) > 1:
            own[of] = distances[of] * (len(of) / (len(of) - 1)) ** 2
        distances[of] = math.inf
        nearest = xp.minimum(nearest, distances)
    return int((own < nearest).sum()) / int(values.shape[0])


def _drift(now: Any, size: float, then: Any) -> float:
    """One less the linear centred kernel alignment (Kornblith et al. 2019) of centred samples."""
    other = _squared_product(then, then)
    if size == 0 or other == 0:
        return 0.0 if size == other else 1.0
    return min(1.0, max(0.0, 1 - _squared_product(now, then) / math.sqrt(size * other)))


def _squared_product(one: Any, other: Any) -> float:
    """The squared Frobenius norm of X^T Y, by whichever side is smaller."""
    if one.shape[1] <= one.shape[0]:
        return float(((one.T @ other) ** 2).sum())
    gram = one @ one.T
    return float((gram * (gram if other is one else other @ other.T)).sum())


def _scale(values: Any) -> float:
    """By this power of two, which is exact, values come near to one: squares of 1e200 are infinite, of 1e-200 zero."""
    return 2.0 ** math.floor(math.log2(min(max(float(abs(values).max()), 2.0**-1000), 2.0**1000)))


def discriminability(samples: Any, labels: npt.NDArray[Any]) -> Floats:
    """How well each neuron tells the classes apart: the mean 2-Wasserstein distance over all pairs of classes.

    Each class is sorted once. Classes of as many images are compared rank by rank, and all pairs of a class at once;
    of others the two step quantile functions are walked along the levels that both have.

    :param samples: ``[images, neurons]``, finite
    :param labels: ``[images]``, of two classes at least
    """
    values = _double(samples)
    xp = _library(values)
    scale = _scale(values)
    values = values / scale
    # Classes of one size stand in one block [classes, images, neurons].
    members: dict[int, list[npt.NDArray[Any]]] = {}
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        members.setdefault(len(places), []).append(places)
    blocks = [(size, _sorted(values[_index(np.stack(rows), values)])) for size, rows in members.items()]
    total = xp.zeros_like(values[0])
    for at, (size, block) in enumerate(blocks):
        for place in range(len(block)):
            total = total + _distances(block[place], size, block[place + 1 :], size)
            for other_size, other in blocks[at + 1 :]:
                total = total + _distances(block[place], size, other, other_size)
    count = sum(len(rows) for rows in members.values())
    return to_numpy(total / (count * (count - 1) / 2)) * scale


def _distances(one: Any, size: int, others: Any, other_size: int) -> Any:
    """The sum over others of the distances from one class: ``[size, C]`` and ``[k, other_size, C]``, sorted."""
    xp = _library(one)
    total = xp.zeros_like(one[0])
    if len(others) == 0:
        return total
    weights: Any = None
    if size != other_size:
        # Levels are counted in parts of 1 / (size * other_size), so that equal levels are equal exactly.
        ends = np.union1d(np.arange(1, size + 1) * other_size, np.arange(1, other_size + 1) * size)
        begins = np.concatenate(([0], ends[:-1]))
        one = one[_index(begins // other_size, one)]
        others = others[:, _index(begins // size, one)]
        weights = ((ends - begins) / (size * other_size))[:, None]
        weights = weights if xp is np else xp.as_tensor(weights, device=one.device)
    step = max(1, _ROOM // (8 * max(1, one.shape[0] * one.shape[1])))
    for begin in range(0, len(others), step):
        squares = (others[begin : begin + step] - one) ** 2
        mean = squares.mean(1) if weights is None else (squares * weights).sum(1)
        total = total + xp.sqrt(mean).sum(0)
    return total


def layer_value(metric: str, neurons: Floats) -> float:
    """A layer's value of its neurons': their mean, unless the metric says otherwise."""
    if metric == "dead":
        return float(np.mean(neurons == 1))
    if metric == "nonfinite":
        return float(neurons.sum())
    return float(neurons.mean())


def quantiles(samples: npt.NDArray[Any], labels: npt.NDArray[Any] | None, count: int) -> npt.NDArray[np.float32]:
    """The quantiles 0, 1/(count-1), ..., 1 of each class's samples, interpolated linearly: ``[classes, count, C]``."""
    groups: Sequence[npt.NDArray[Any]] = [samples]
    if labels is not None:
        groups = [samples[labels == label] for label in np.unique(labels)]
    shares = np.linspace(0, 1, count)
    result = np.stack([np.quantile(group.astype(np.float64), shares, axis=0) for group in groups])
    # Rounding must not make a quantile fall below the one before.
    return np.maximum.accumulate(result.astype(np.float32), axis=1)


def to_numpy(values: Any) -> npt.NDArray[Any]:
    """An array or tensor of any framework and device as numpy's; types that numpy has not become float32."""
    if _is_tensor(values):
        values = values.detach()
        if values.is_floating_point() and values.element_size() < 4:
            values = values.float()
        return np.asarray(values.cpu().numpy())
    array = np.asarray(values)
    # bfloat16 and the 8-bit floats of ml_dtypes, which JAX uses.
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def _is_tensor(values: Any) -> bool:
    return type(values).__module__.split(".")[0] == "torch"


def _library(values: Any) -> Any:
    if not _is_tensor(values):
        return np
    import torch

    return torch


def _double(values: Any) -> Any:
    if not _is_tensor(values):
        return to_numpy(values).astype(np.float64, copy=False)
    values = values.detach()
    # Apple's GPUs have no double precision.
    return values.cpu().double() if values.device.type == "mps" else values.double()


def _sorted(block: Any) -> Any:
    """Sorted along the images of ``[classes, images, neurons]``."""
    return np.sort(block, axis=1) if _library(block) is np else block.sort(dim=1).values


def _index(places: npt.NDArray[Any], values: Any) -> Any:
    xp = _library(values)
    return places if xp is np else xp.as_tensor(places, device=values.device)
