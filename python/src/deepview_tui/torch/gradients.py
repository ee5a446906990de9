"""Norms of gradients and weights, and how far a step moves: looked at in some of the optimiser's steps."""

from __future__ import annotations

import importlib
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from .layers import Reading

__all__ = ["METRICS", "Steps"]

#: What run.json says of them.
METRICS: dict[str, dict[str, Any]] = {
    "gradient_norm": {"label": "gradient norm"},
    "weight_norm": {"label": "weight norm"},
    "update_ratio": {"label": "update ratio"},
    "nonfinite_gradients": {"label": "non-finite gradients", "unit": "values", "better": "lower"},
}


_HOOKS: Any = importlib.import_module("torch.optim.optimizer")


@dataclass
class _Step:
    """What was found in one step: tensors on their device, read only when they are recorded."""

    gradients: dict[str, torch.Tensor]
    broken: dict[str, torch.Tensor]
    weights: dict[str, torch.Tensor]
    updates: dict[str, torch.Tensor]


class Steps:
    """Counts an optimiser's steps, and measures some of them.

    Measured are 1, 2, 4, 8, ... since the last record and each that is due, of which the newest counts: weights are
    copied for such a step alone. It listens to all optimisers of the process, and takes the one that moves the model.

    :param before: is called before each step; after: after it
    """

    #: PyTorch before 2.1 has no hooks that hear of all optimisers.
    are_told = hasattr(_HOOKS, "register_optimizer_step_pre_hook")

    def __init__(
        self,
        model: nn.Module,
        readings: Sequence[Reading],
        *,
        measures: bool,
        before: Callable[[], None],
        after: Callable[[], None],
        is_due: Callable[[int], bool],
    ) -> None:
        self.count = 0
        self._since = 0
        self._measures = measures
        self._before, self._after, self._is_due = before, after, is_due
        self._model = weakref.ref(model)
        self._layer_of = _layers_of_parameters(readings)
        self._known: set[int] = {id(one) for one in model.parameters()}
        self._optimiser: weakref.ref[Any] | None = None
        self._copies: dict[int, torch.Tensor] | None = None
        self._step: _Step | None = None
        self._is_open = False
        self._handles: list[Any] = []
        if self.are_told:
            self._handles.append(_HOOKS.register_optimizer_step_pre_hook(self._pre))
            self._handles.append(_HOOKS.register_optimizer_step_post_hook(self._post))

    def close(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._copies = None

    def take(self) -> tuple[dict[str, dict[str, float]], float | None]:
        """What was measured since it was last asked: by metric and layer, and the norm of the whole gradient."""
        step, self._step, self._since = self._step, None, 0
        if step is None:
            return {}, None
        squares = {name: float(one) for name, one in step.gradients.items()}
        weights = {name: float(one) ** 0.5 for name, one in step.weights.items() if name}
        updates = {name: float(one) ** 0.5 for name, one in step.updates.items() if name}
        broken = {name: float(one) for name, one in step.broken.items() if name}
        found = {
            "gradient_norm": {name: one**0.5 for name, one in squares.items() if name},
            "weight_norm": weights,
            "update_ratio": {name: one / weights[name] for name, one in updates.items() if weights.get(name)},
            "nonfinite_gradients": broken if any(broken.values()) else {},
        }
        total = sum(squares.values()) ** 0.5 if squares else None
        return {metric: of for metric, of in found.items() if of}, total

    def _is_ours(self, optimiser: Any) -> bool:
        if self._optimiser is not None and self._optimiser() is not None:
            return self._optimiser() is optimiser
        # The first that moves the model counts the steps; of two, as of adversaries, the other one has its own model.
        moves = any(id(one) in self._known for one in _parameters(optimiser))
        if not moves and (model := self._model()) is not None:
            self._known = {id(one) for one in model.parameters()}
            moves = any(id(one) in self._known for one in _parameters(optimiser))
        if moves:
            self._optimiser = weakref.ref(optimiser)
        return moves

    def _pre(self, optimiser: Any, args: Any, kwargs: Any) -> None:
        if not self._is_ours(optimiser):
            return
        self._before()
        self._since += 1
        is_power = self._since & (self._since - 1) == 0
        if not self._measures or not (is_power or self._is_due(self.count + 1)):
            return
        # With a closure the gradients are only made inside of the step.
        self._is_open = any(callable(one) for one in (*args[1:], kwargs.get("closure")))
        with torch.no_grad():
            moved = [one for one in _parameters(optimiser) if self._is_open or one.grad is not None]
            self._copies = {id(one): one.detach().clone() for one in moved}
            self._step = _Step({}, {}, {}, {})
            if not self._is_open:
                self._look_at_gradients(optimiser, self._step)
            for one in moved:
                self._add(self._step.weights, one, _square(one))

    def _post(self, optimiser: Any, _args: Any, _kwargs: Any) -> None:
        if not self._is_ours(optimiser):
            return
        self.count += 1
        copies, self._copies = self._copies, None
        if copies is not None and self._step is not None:
            with torch.no_grad():
                if self._is_open:
                    self._look_at_gradients(optimiser, self._step)
                for one in _parameters(optimiser):
                    if id(one) in copies:
                        self._add(self._step.updates, one, _square(one - copies[id(one)]))
        self._after()

    def _look_at_gradients(self, optimiser: Any, step: _Step) -> None:
        scale = getattr(optimiser, "grad_scale", None)
        for one in _parameters(optimiser):
            if one.grad is None:
                continue
            gradient = one.grad.coalesce().values() if one.grad.is_sparse else one.grad
            gradient = gradient if scale is None else gradient / scale
            self._add(step.gradients, one, _square(gradient))
            self._add(step.broken, one, _whole((~torch.isfinite(gradient)).sum()))

    def _add(self, to: dict[str, torch.Tensor], parameter: torch.Tensor, value: torch.Tensor) -> None:
        """Adds to the layer's sum; what is of no layer to that without a name."""
        name = self._layer_of.get(id(parameter), "")
        to[name] = to[name] + value.to(to[name].device) if name in to else value


def _parameters(optimiser: Any) -> Iterator[torch.Tensor]:
    for group in optimiser.param_groups:
        yield from group["params"]


def _layers_of_parameters(readings: Sequence[Reading]) -> Mapping[int, str]:
    """The layer that each parameter is of, the first where several share it."""
    found: dict[int, str] = {}
    for reading in readings:
        for one in reading.call.module.parameters():
            found.setdefault(id(one), reading.name)
    return found


def _square(values: torch.Tensor) -> torch.Tensor:
    """The square of the norm, in single precision at least, of a sharded tensor as a whole."""
    wide = torch.float64 if values.dtype == torch.float64 else torch.float32
    return _whole(torch.linalg.vector_norm(values, dtype=wide)) ** 2


def _whole(value: torch.Tensor) -> torch.Tensor:
    whole: torch.Tensor = value.full_tensor() if hasattr(value, "full_tensor") else value
    return whole.detach()
