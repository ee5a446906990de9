"""Passes of the probe through a model: its layers' activations, reduced while the pass goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from ..errors import RecordingError
from ..features import Features
from .distributed import Ranks
from .fields import Field, FieldTrace
from .layers import Call, Reading, first_tensor
from .probe import Probe, tensors_in
from .undisturbed import tensors_of, undisturbed

__all__ = ["Answers", "Passes", "Token"]

#: How tokens become one number per neuron: ``mean``, ``first``, ``last``, a place, or a mask ``[samples, tokens]``.
Token = str | int | Any
Forward = Callable[[nn.Module, Any], Any]


@dataclass
class Answers:
    """What a pass gave: samples ``[images, neurons]`` by layer, and their strongest positions."""

    samples: dict[str, torch.Tensor] = field(default_factory=dict)
    #: The strongest activation of each image and neuron, and its place.
    maxima: dict[str, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)


class Passes:
    """Runs a probe through a model in batches.

    :param ranks: the processes that share the probe
    :param forward: calls the model with a batch; by default with it, its parts, or its names
    :param batch: samples at once; fewer where they do not fit the device
    """

    def __init__(
        self, model: nn.Module, probe: Probe, ranks: Ranks, *, token: Token, forward: Forward | None, batch: int
    ) -> None:
        self.model = model
        self.probe = probe
        self.ranks = ranks
        self._forward = forward or _call
        self._batch = batch
        self._token = token
        self._mask = _mask_of(token, probe)

    @property
    def device(self) -> torch.device:
        first = next(tensors_of(self.model), None)
        return torch.device("cpu") if first is None else first.device

    @property
    def _dtype(self) -> torch.dtype | None:
        """What floating-point inputs become: a model's own short floats."""
        floats = [one.dtype for one in tensors_of(self.model) if one.is_floating_point()]
        return floats[0] if floats and floats[0] in (torch.float16, torch.bfloat16, torch.float64) else None

    def trace(self, images: int) -> list[tuple[Call, Sequence[int]]]:
        """What is called by a pass over the first samples, in order, and the shapes of its outputs."""
        called: list[tuple[Call, Sequence[int]]] = []
        counts: dict[nn.Module, int] = {}

        def hook(module: nn.Module, _given: Any, output: Any) -> None:
            nth = counts[module] = counts.get(module, 0) + 1
            tensor = first_tensor(output)
            if tensor is not None and not tensor.is_nested:
                called.append((Call(module, nth), tuple(tensor.shape)))

        with undisturbed(self.model), _hooked(self.model.modules(), hook):
            self._forward(self.model, self._first(images))
        return called

    def fields(self, readings: Sequence[Reading]) -> dict[str, Field]:
        """The receptive fields of layers of images, but for those that see the whole image."""
        found: dict[str, Field] = {}
        by_call = {one.call: one for one in readings}
        inputs = self._first(1)
        images = next(iter(tensors_in(inputs)))
        trace = FieldTrace(images)
        counts: dict[nn.Module, int] = {}

        def hook(module: nn.Module, _given: Any, output: Any) -> None:
            nth = counts[module] = counts.get(module, 0) + 1
            reading, tensor = by_call.get(Call(module, nth)), first_tensor(output)
            if reading is not None and tensor is not None and reading.neurons_axis == 1 and tensor.dim() == 4:
                known = trace.of(tensor)
                if known is not None:
                    found[reading.name] = known

        with undisturbed(self.model), _hooked({one.call.module for one in readings}, hook), trace:
            self._forward(self.model, inputs)
        return found

    def measure(self, readings: Sequence[Reading], *, maxima: bool = False) -> Answers:
        """A pass over the whole probe.

        :param maxima: whether the strongest positions are found too
        :raises RecordingError: where not even one sample fits the device
        """
        places = self.ranks.places(self.probe.count)
        problem: Exception | None = None
        answers = Answers()
        try:
            answers = self._measure_in_parts(readings, places, maxima)
        except Exception as thrown:
            problem = thrown
        numbers = sum(one.shape[1] for one in answers.samples.values())
        if not self.ranks.agree(problem is None, self.device, numbers):
            raise problem or RecordingError("another rank could not measure.")
        if self.ranks.share:
            answers.samples = self._gathered(answers.samples)
            # Positions are whole numbers that doubles hold.
            values = self._gathered({name: one.double() for name, (one, _) in answers.maxima.items()})
            positions = self._gathered({name: one.double() for name, (_, one) in answers.maxima.items()})
            answers.maxima = {name: (one, positions[name].long()) for name, one in values.items()}
        return answers

    def _gathered(self, by_layer: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """All samples of each layer, of each rank's; in one exchange."""
        if not by_layer:
            return {}
        whole = self.ranks.gathered(torch.cat(list(by_layer.values()), 1), self.probe.count)
        parts = whole.split([one.shape[1] for one in by_layer.values()], 1)
        return dict(zip(by_layer, parts, strict=True))

    def _measure_in_parts(self, readings: Sequence[Reading], places: Sequence[int], maxima: bool) -> Answers:
        """In batches that fit the device; where ranks run a model together, all of theirs have one size."""
        while True:
            try:
                return self._measure(readings, places, maxima)
            except RuntimeError as thrown:
                if not _is_out_of_memory(thrown) or self.ranks.is_sharded:
                    raise
                if self._batch == 1:
                    raise RecordingError(
                        f"not even one sample of the probe fits {self.device}; give smaller ones, or fewer layers."
                    ) from thrown
            self._batch = max(1, self._batch // 2)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _measure(self, readings: Sequence[Reading], places: Sequence[int], maxima: bool) -> Answers:
        shown = self.probe if len(places) == self.probe.count and not self.ranks.share else self.probe.share(places)
        by_call = {one.call: one for one in readings}
        parts: dict[str, list[torch.Tensor]] = {}
        tops: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}
        counts: dict[nn.Module, int] = {}
        part = slice(0, 0)

        def hook(module: nn.Module, _given: Any, output: Any) -> None:
            nth = counts[module] = counts.get(module, 0) + 1
            reading = by_call.get(Call(module, nth))
            tensor = None if reading is None else first_tensor(output)
            if reading is None or tensor is None:
                return
            values = reading.aligned(tensor, part.stop - part.start)
            if values is None:
                return
            rows = torch.as_tensor(places[part])
            parts.setdefault(reading.name, []).append(self._reduced(reading, values, rows))
            if maxima:
                tops.setdefault(reading.name, []).append(_strongest(values))

        with undisturbed(self.model), _hooked({one.call.module for one in readings}, hook):
            for part, inputs in shown.batches(self._batch, self.device, self._dtype):  # noqa: B007
                counts.clear()
                self._forward(self.model, inputs)
        whole = {name: torch.cat(many) for name, many in parts.items()}
        # A layer that was not called for some of the batches has no record.
        samples = {name: one for name, one in whole.items() if one.shape[0] == shown.count}
        if not samples:
            raise RecordingError("no recorded layer was called; were the model's parts replaced? Watch it anew.")
        strongest = {
            name: (torch.cat([one[0] for one in many]), torch.cat([one[1] for one in many]))
            for name, many in tops.items()
            if name in samples
        }
        return Answers(samples, strongest)

    def _first(self, images: int) -> Any:
        """The first samples, as one batch."""
        _, inputs = next(self.probe.share(range(images)).batches(images, self.device, self._dtype))
        return inputs

    def _reduced(self, reading: Reading, values: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """``[images, positions, neurons]`` to ``[images, neurons]`` in single precision."""
        if values.shape[1] == 1:
            # A copy: an activation in place behind the layer would change what is kept.
            return values[:, 0].float().clone()
        if reading.is_tokens:
            return self._of_tokens(values, rows)
        return values.float().mean(1) if values.element_size() < 2 else values.mean(1, dtype=_wide(values)).float()

    def _of_tokens(self, values: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        if callable(self._token):
            return torch.as_tensor(self._token(values, rows)).float()
        mask = None
        if self._mask is not None and self._mask.shape[1] == values.shape[1]:
            mask = self._mask[rows.to(self._mask.device)].to(values.device)
        if isinstance(self._token, str) and self._token == "last" and mask is not None:
            place = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).argmax(1)
            return values[torch.arange(len(values), device=values.device), place].float()
        if isinstance(self._token, str) and self._token in ("first", "last"):
            return values[:, 0 if self._token == "first" else -1].float().clone()
        if isinstance(self._token, int):
            return values[:, min(self._token, values.shape[1] - 1)].float().clone()
        wide = values.float()
        if mask is None:
            return wide.mean(1)
        weights = mask.float()[:, :, None]
        return (wide * weights).sum(1) / weights.sum(1).clamp_min(1)


def _wide(values: torch.Tensor) -> torch.dtype:
    return torch.float64 if values.dtype == torch.float64 else torch.float32


def _strongest(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    found = values.float().max(1)
    return found.values, found.indices


def features_of(answers: Answers, readings: Sequence[Reading], most: int) -> dict[str, Features]:
    """The strongest patches of each layer's neurons."""
    by_name = {one.name: one for one in readings}
    return {
        name: Features.of_maxima(values.cpu().numpy(), places.cpu().numpy(), by_name[name].positions[1], most)
        for name, (values, places) in answers.maxima.items()
    }


def _call(model: nn.Module, inputs: Any) -> Any:
    if isinstance(inputs, Mapping):
        return model(**inputs)
    return model(*inputs) if isinstance(inputs, tuple) else model(inputs)


@contextlib.contextmanager
def _hooked(modules: Any, hook: Callable[[nn.Module, Any, Any], None]) -> Iterator[None]:
    """Hooks that are there for one pass alone: the model can be copied, saved and compiled as ever."""
    handles = []
    try:
        for module in modules:
            # Scripted modules take no hooks.
            with contextlib.suppress(RuntimeError):
                handles.append(module.register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _mask_of(token: Token, probe: Probe) -> torch.Tensor | None:
    """Which tokens count: of the argument, or the inputs' own `attention_mask`."""
    if isinstance(token, (torch.Tensor, np.ndarray)):
        mask = torch.as_tensor(token)
        if mask.dim() != 2 or mask.shape[0] != probe.count:
            raise RecordingError(f"the mask of tokens is {list(mask.shape)}, not [{probe.count}, tokens].")
        return mask != 0
    if callable(token) or isinstance(token, int):
        return None
    if token not in ("mean", "first", "last"):
        raise RecordingError(f'token is {token!r}; it may be "mean", "first", "last", a place, or a mask.')
    given = probe.inputs.get("attention_mask") if isinstance(probe.inputs, Mapping) else None
    return given != 0 if isinstance(given, torch.Tensor) and given.dim() == 2 else None


def _is_out_of_memory(thrown: RuntimeError) -> bool:
    return isinstance(thrown, torch.cuda.OutOfMemoryError) or "not enough memory" in str(thrown)
