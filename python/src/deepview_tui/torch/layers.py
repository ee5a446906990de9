"""Which modules of a model are layers of a run, in the order in which they are run, and how their outputs are read."""

from __future__ import annotations

import dataclasses
import fnmatch
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from ..errors import RecordingError
from ..run import Layer
from ..schema import NAME_LENGTH

__all__ = ["Call", "Reading", "Selector", "find_layers", "first_tensor", "unwrapped"]

#: Which modules are recorded: patterns of names (``layer1.*``), types, or a function of name and module.
Selector = str | type | Callable[[str, nn.Module], bool] | Sequence["str | type"]

MOST_NEURONS = 65_536
_WRAPPERS = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("dropout", ("dropout", "droppath", "stochasticdepth")),
    ("normalisation", ("norm",)),
    ("pooling", ("pool",)),
    ("convolution", ("conv",)),
    ("dense", ("linear", "bilinear")),
    (
        "activation",
        ("relu", "elu", "silu", "swish", "mish", "sigmoid", "tanh", "softmax", "softplus", "softsign", "shrink"),
    ),
)
#: They only pass on, or only change the shape.
_PASSING = (nn.Identity, nn.Flatten, nn.Unflatten)
_RANGES: dict[type, tuple[float, float]] = {
    **{nn.Sigmoid: (0, 1), nn.Hardsigmoid: (0, 1), nn.Tanh: (-1, 1), nn.Softsign: (-1, 1), nn.ReLU6: (0, 6)},
}
#: Their channels are last, whatever stands before.
_LAST = (nn.Linear, nn.Bilinear, nn.LayerNorm, nn.Embedding, nn.EmbeddingBag, nn.MultiheadAttention, nn.RNNBase)


@dataclass(frozen=True)
class Call:
    """The nth time that a module is called in one pass."""

    module: nn.Module
    nth: int


@dataclass
class Reading:
    """How a call's output becomes samples: which axis counts the images, and which the neurons."""

    name: str
    call: Call
    #: Of the output as it comes.
    images_axis: int
    #: Of the output with the images in front.
    neurons_axis: int
    #: Positions of one image: (height, width), of tokens (1, tokens).
    positions: tuple[int, int]
    neurons: int
    #: Rows of the images' axis that one image has: windows, or tokens that were made rows.
    per_image: int = 1
    is_tokens: bool = False
    layer: Layer | None = field(default=None)

    def aligned(self, output: torch.Tensor, images: int) -> torch.Tensor | None:
        """The output as ``[images, positions, neurons]`` in single precision; None where it is of another shape."""
        if output.is_sparse:
            output = output.to_dense()
        if output.is_quantized:
            output = output.dequantize()
        if output.dim() <= self.images_axis or output.shape[self.images_axis] != images * self.per_image:
            return None
        values = output.movedim(self.images_axis, 0).movedim(self.neurons_axis, -1)
        if values.shape[-1] != self.neurons:
            return None
        return values.reshape(images, -1, self.neurons)


def first_tensor(output: Any) -> torch.Tensor | None:
    """What of a module's output is recorded: of tuples, dicts and dataclasses the first tensor of real numbers."""
    if isinstance(output, torch.Tensor):
        return output if output.is_floating_point() or output.is_quantized else None
    if isinstance(output, Mapping):
        parts: Iterable[Any] = output.values()
    elif isinstance(output, (list, tuple)):
        parts = output
    elif dataclasses.is_dataclass(output):
        parts = [getattr(output, one.name) for one in dataclasses.fields(output)]
    else:
        return None
    return next((one for one in map(first_tensor, parts) if one is not None), None)


def unwrapped(model: nn.Module) -> nn.Module:
    """The module itself of one that is compiled or distributed by copies; a sharded one stays as it is."""
    while True:
        if hasattr(model, "_orig_mod"):
            model = model._orig_mod
        elif isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            model = model.module
        else:
            return model


def clean_name(name: str) -> str:
    """A module's name without what wrappers put into it."""
    return ".".join(part for part in name.split(".") if part not in _WRAPPERS)


def kind_of(module: nn.Module) -> str:
    name = type(module).__name__
    # Hugging Face's Conv1D is a dense layer that keeps its weights the other way round.
    if name == "Conv1D":
        return "dense"
    words = name.lower()
    if words.endswith("gelu") or words in ("glu", "quickgelu"):
        return "activation"
    return next((kind for kind, parts in _KINDS if any(part in words for part in parts)), "other")


def find_layers(
    model: nn.Module,
    traced: Sequence[Sequence[tuple[Call, Sequence[int]]]],
    sizes: Sequence[int],
    select: Selector | None,
    layouts: Mapping[str, str],
) -> tuple[list[Reading], dict[str, str]]:
    """What is recorded of a model.

    :param traced: of one or two passes over batches of ``sizes`` images, what was called, in order, and its shapes
    :returns: the readings, and of modules that were called and are left out why
    :raises RecordingError: where nothing is left, or a layout is not one
    """
    names = {module: clean_name(name) or type(model).__name__.lower() for name, module in model.named_modules()}
    shapes = [{call: tuple(shape) for call, shape in one} for one in traced]
    left_out: dict[str, str] = {}
    found: list[tuple[Call, str, int, int, tuple[int, ...]]] = []
    for call, shape in traced[0]:
        name = names.get(call.module)
        # Modules that compute a weight are no layers.
        if name is None or ".parametrizations." in f".{name}.":
            continue
        name = name if call.nth == 1 else f"{name}#{call.nth}"
        axis = _images_axis([one.get(call) for one in shapes], sizes)
        if axis is None or len(shape) < 2:
            left_out[name] = f"its output {list(shape)} has no axis of images"
            continue
        found.append((call, name, axis, shape[axis] // sizes[0], tuple(shape)))
    calling = {call.module for call, *_ in found}
    readings: list[Reading] = []
    before: dict[tuple[int, ...], Reading] = {}
    chosen = {module for module in calling if _is_chosen(names[module], module, select, calling)}
    for call, name, images_axis, rows, shape in found:
        if call.module not in chosen:
            continue
        axis, per_image = images_axis, rows
        layout = next((one for pattern, one in layouts.items() if fnmatch.fnmatch(name, pattern)), None)
        if layout is None:
            neurons_axis = _neurons_axis(call.module, shape[:axis] + shape[axis + 1 :], before.get(shape))
        else:
            axis, neurons_axis = _axes_of(layout, name, shape)
            per_image = shape[axis] // sizes[0]
        reading = _reading(call, name, shape, (axis, neurons_axis), per_image)
        before[shape] = reading
        if reading.neurons > MOST_NEURONS:
            left_out[name] = f"its {reading.neurons} neurons are more than {MOST_NEURONS}"
        else:
            readings.append(reading)
    if not readings:
        raise RecordingError(
            "the model has no layer to record: none that was called and chosen gives tensors with an axis of images."
        )
    _name(readings)
    return readings, left_out


def _is_chosen(name: str, module: nn.Module, select: Selector | None, calling: set[nn.Module]) -> bool:
    if select is None:
        # Leaves by what is called: an attention that computes with its child's weights is one.
        is_leaf = not any(inner in calling for inner in module.modules() if inner is not module)
        return is_leaf and kind_of(module) != "dropout" and not isinstance(module, _PASSING)
    if callable(select) and not isinstance(select, type):
        return bool(select(name, module))
    given = [select] if isinstance(select, (str, type)) else list(select)
    return any(fnmatch.fnmatch(name, one) if isinstance(one, str) else isinstance(module, one) for one in given)


def _images_axis(shapes: Sequence[tuple[int, ...] | None], sizes: Sequence[int]) -> int | None:
    """The axis that counts the images: the one that grows with them."""
    first = shapes[0]
    if first is None or any(one is None or len(one) != len(first) for one in shapes):
        return None
    if len(sizes) == 1:
        return 0 if first and first[0] > 0 and first[0] % sizes[0] == 0 else None
    second = shapes[1]
    assert second is not None
    other = [axis for axis, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(other) != 1:
        return None
    axis = other[0]
    grows = first[axis] % sizes[0] == 0 and first[axis] * sizes[1] == second[axis] * sizes[0]
    # Rows of several images' parts are told apart only where the images are in front.
    return axis if grows and (axis == 0 or first[axis] == sizes[0]) else None


def _channels(module: nn.Module) -> int | None:
    """How many neurons a module says that it has."""
    for attribute in ("out_channels", "out_features", "num_features", "num_channels", "embedding_dim", "embed_dim"):
        value = getattr(module, attribute, None)
        if isinstance(value, int):
            return value
    shape = getattr(module, "normalized_shape", None)
    return int(shape[-1]) if isinstance(shape, Sequence) and len(shape) > 0 else None


def _axes_of(layout: str, name: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """The axes that a layout names: of the images, and, with the images in front, of the neurons."""
    if len(layout) != len(shape) or layout.count("n") != 1 or layout.count("c") != 1:
        raise RecordingError(
            f'the layout "{layout}" of {name} does not name the axes of {list(shape)}: n for images, c for neurons, '
            'once each, and any letter for the others, as in "nhwc".'
        )
    return layout.index("n"), layout.replace("n", "").index("c") + 1


def _reading(call: Call, name: str, shape: tuple[int, ...], axes: tuple[int, int], per_image: int) -> Reading:
    images_axis, neurons_axis = axes
    inner = shape[:images_axis] + shape[images_axis + 1 :]
    spatial = [one for at, one in enumerate(inner, 1) if at != neurons_axis]
    width = spatial[-1] if spatial else per_image
    return Reading(
        name=name,
        call=call,
        images_axis=images_axis,
        neurons_axis=neurons_axis,
        positions=(per_image * math.prod(spatial) // max(1, width), width),
        neurons=inner[neurons_axis - 1],
        per_image=per_image,
        is_tokens=len(spatial) == 1 and per_image == 1 and neurons_axis == 2,
    )


def _neurons_axis(module: nn.Module, inner: tuple[int, ...], same_shape: Reading | None) -> int:
    """Among the axes behind the images, from 1."""
    last = len(inner)
    if last == 1:
        return 1
    kind = kind_of(module)
    is_last = isinstance(module, _LAST) or kind == "dense" or (kind == "other" and last == 2)
    is_first = not is_last and kind in ("convolution", "normalisation", "pooling")
    usual = last if is_last else 1 if is_first or last > 2 else last
    channels = _channels(module)
    if channels is not None:
        fitting = [one for one in (usual, 1, last) if inner[one - 1] == channels]
        if fitting:
            # A layer norm of images, whose channels come first, has it in its name.
            return 1 if "2d" in type(module).__name__.lower() and 1 in fitting else fitting[0]
    if not is_last and not is_first and same_shape is not None:
        return same_shape.neurons_axis
    return usual


def _name(readings: list[Reading]) -> None:
    """Gives each reading its layer, with a name of its own that readers keep whole."""
    counted: set[nn.Parameter] = set()
    taken: set[str] = set()
    for reading in readings:
        name = reading.name if len(reading.name) <= NAME_LENGTH else f"…{reading.name[1 - NAME_LENGTH :]}"
        while name in taken:
            name = f"{name[: NAME_LENGTH - 1]}'"
        taken.add(name)
        reading.name = name
        own = [one for one in reading.call.module.parameters() if one not in counted and one.requires_grad]
        counted.update(own)
        module = reading.call.module
        span = _RANGES.get(type(module))
        if isinstance(module, nn.Hardtanh) and span is None:
            span = (float(module.min_val), float(module.max_val))
        reading.layer = Layer(
            name=name,
            units=reading.neurons,
            kind=kind_of(module),
            shape=(*reading.positions, reading.neurons),
            parameters=sum(one.numel() for one in own),
            range=span,
        )
