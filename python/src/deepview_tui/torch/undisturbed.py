"""A model and the random numbers as they were, whatever is done in between."""

from __future__ import annotations

import contextlib
import random
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ["random_numbers_kept", "tensors_of", "undisturbed"]


@contextlib.contextmanager
def random_numbers_kept(model: nn.Module | None = None) -> Iterator[None]:
    """Restores the states of Python's, numpy's and torch's generators, of the devices that the model is on too."""
    places = sorted({(one.device.type, one.device.index or 0) for one in tensors_of(model)} - {("cpu", 0), ("meta", 0)})
    states = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]), contextlib.ExitStack() as kept:
            for kind, index in places:
                kept.enter_context(_device_kept(getattr(torch, kind, None), index))
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


@contextlib.contextmanager
def _device_kept(module: Any, index: int) -> Iterator[None]:
    """Restores a device's generator, by PyTorch's module of its kind: of `torch.mps` there is one."""
    if not hasattr(module, "get_rng_state"):
        yield
        return
    which = [] if module is torch.mps else [index]
    state = module.get_rng_state(*which)
    try:
        yield
    finally:
        module.set_rng_state(state, *which)


@contextlib.contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Inside, the model is in eval mode, without gradients and compilation; afterwards it is as it was.

    Flags are set one by one: `eval()` and `train()` are for models to override, and some change their weights in them.
    """
    modules = list(model.modules())
    flags = [module.training for module in modules]
    buffers = [(module, name, one) for module in modules for name, one in module._buffers.items() if one is not None]
    versions = [one._version for _, _, one in buffers]
    copies = [one.detach().clone() for _, _, one in buffers]
    try:
        for module in modules:
            module.training = False
        with (
            random_numbers_kept(model),
            torch.no_grad(),
            _eagerly(),
            _without_fast_paths(),
            warnings.catch_warnings(),
        ):
            # Of checkpointed and compiled modules, which warn of what is meant here.
            warnings.simplefilter("ignore")
            yield
    finally:
        for module, flag in zip(modules, flags, strict=True):
            module.training = flag
        with torch.no_grad():
            for (module, name, one), version, copy in zip(buffers, versions, copies, strict=True):
                # A counter, or an observer that looks at activations in eval mode too.
                module._buffers[name] = one
                if one._version != version:
                    one.copy_(copy)


def tensors_of(model: nn.Module | None) -> Iterator[torch.Tensor]:
    """Parameters, then buffers."""
    if model is not None:
        yield from model.parameters()
        yield from model.buffers()


@contextlib.contextmanager
def _eagerly() -> Iterator[None]:
    """Runs compiled modules as they were written: their hooks are called, and nothing is compiled anew."""
    compiler: Any = getattr(torch, "compiler", None)
    if hasattr(compiler, "set_stance"):
        with compiler.set_stance("force_eager"):
            yield
    else:
        yield


@contextlib.contextmanager
def _without_fast_paths() -> Iterator[None]:
    """Transformer layers' fused inference would not call what is inside of them."""
    fused: Any = getattr(torch.backends, "mha", None)
    if fused is None:
        yield
        return
    was = fused.get_fastpath_enabled()
    fused.set_fastpath_enabled(False)
    try:
        yield
    finally:
        fused.set_fastpath_enabled(was)
