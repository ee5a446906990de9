"""What a position of an output sees of the input image, followed through a pass operation by operation.

Convolutions and pooling widen a field by the usual recursion; operations on single positions join the fields of what
they are given, so that branches and skip connections are followed too. Whatever else an output is made by (attention,
upsampling, global pooling), it is taken to see the whole image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["Field", "FieldTrace"]


@dataclass(frozen=True)
class Field:
    """Position p sees the pixels from ``offset + p * stride`` on, ``size`` of them, in both directions."""

    size: int = 1
    stride: int = 1
    offset: int = 0

    def through(self, kernel: int, stride: int, padding: int) -> Field:
        return Field(self.size + (kernel - 1) * self.stride, self.stride * stride, self.offset - padding * self.stride)

    def joined(self, other: Field) -> Field | None:
        """What sees both; None where positions lie at other distances."""
        if self.stride != other.stride:
            return None
        offset = min(self.offset, other.offset)
        return Field(max(self.offset + self.size, other.offset + other.size) - offset, self.stride, offset)


#: Operations by which a position of the output is made of the same position of what is given.
_POINTWISE = frozenset(
    [
        *("add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "maximum", "minimum", "neg", "abs", "pow", "exp"),
        *("sqrt", "rsqrt", "relu", "relu_", "gelu", "silu", "silu_", "sigmoid", "sigmoid_", "tanh", "tanh_", "mish"),
        *("hardtanh", "hardtanh_", "hardswish", "hardswish_", "hardsigmoid", "hardsigmoid_", "leaky_relu"),
        *("leaky_relu_", "elu", "elu_", "celu", "softplus", "threshold", "prelu", "_prelu_kernel", "clamp", "clamp_"),
        *("clamp_min", "clamp_min_", "cat", "clone", "detach", "_to_copy", "copy_", "contiguous"),
        *("native_group_norm", "native_dropout"),
    ]
)


class FieldTrace(TorchDispatchMode):
    """While it is entered, follows the fields of what is made of an image batch ``[n, channels, height, width]``."""

    def __init__(self, images: torch.Tensor) -> None:
        super().__init__()
        # Tensors are kept, so that no other gets the number of one.
        self._fields: dict[int, tuple[torch.Tensor, Field | None]] = {id(images): (images, Field())}

    def of(self, output: torch.Tensor) -> Field | None:
        """The field of a tensor's positions; None for the whole image."""
        return self._fields.get(id(output), (output, None))[1]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        outputs = result if isinstance(result, (tuple, list)) else [result]
        if outputs and isinstance(outputs[0], torch.Tensor):
            self._fields[id(outputs[0])] = (outputs[0], self._field(func._schema.name, args, kwargs or {}, outputs[0]))
        return result

    def _field(self, schema: str, args: Sequence[Any], kwargs: dict[str, Any], output: torch.Tensor) -> Field | None:
        name = schema.rsplit("::", maxsplit=1)[-1]
        if output.dim() != 4 or not args:
            return None
        if name == "convolution" and not args[6]:
            kernel = args[1].shape[2:]
            return self._through(args[0], kernel, args[3], args[4], args[5])
        if name in ("max_pool2d_with_indices", "avg_pool2d"):
            given = dict(zip(("kernel", "stride", "padding"), args[1:4], strict=False))
            stride = given.get("stride") or given["kernel"]
            dilation = args[4] if name.startswith("max") and len(args) > 4 else [1]
            return self._through(args[0], given["kernel"], stride, given.get("padding", [0]), dilation)
        if name not in _POINTWISE and "batch_norm" not in name:
            return None
        return self._together(args, output)

    def _through(
        self,
        images: torch.Tensor,
        kernel: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
    ) -> Field | None:
        before = self.of(images)
        sides = {(k, *rest) for k, *rest in zip(*map(_pair, (kernel, stride, padding, dilation)), strict=True)}
        if before is None or len(sides) != 1:
            return None
        k, s, p, d = sides.pop()
        return before.through((k - 1) * d + 1, s, p)

    def _together(self, args: Sequence[Any], output: torch.Tensor) -> Field | None:
        given = [one for arg in args for one in (arg if isinstance(arg, (list, tuple)) else [arg])]
        result: Field | None = None
        for one in given:
            # A number per channel, as of squeeze and excitation, says nothing of places.
            if not isinstance(one, torch.Tensor) or one.dim() != 4 or one.shape[2:] != output.shape[2:]:
                continue
            field = self.of(one)
            result = field if result is None else field and result.joined(field)
            if result is None:
                return None
        return result


def _pair(value: Sequence[int]) -> tuple[int, int]:
    return (value[0], value[-1])
