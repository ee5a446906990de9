"""A recorder for Flax: NNX models, and Linen modules with their variables."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import flax
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from flax import linen, nnx

from .errors import RecordingError
from .keep import Keep
from .probe import check_labels, split_probe
from .run import Closing, Layer, Run, State

__all__ = ["Recorder"]

_KINDS = {"Conv": "convolution", "Linear": "dense", "Dense": "dense", "Einsum": "dense", "Norm": "normalisation"}


class Recorder(Closing):
    """Records a model at each `log`; as a context manager it closes the run.

    :param probe: ``(inputs, labels)`` or inputs: the same samples at every record
    :param classes: names in the order of their numbers
    :param call: what is called with the model and a batch; by default ``model(batch)`` in eval mode, of Linen
        ``module.apply(variables, batch)``: give ``call=lambda apply, batch: apply(batch, train=False)`` where a module
        asks for more
    :param run: a new directory; by default one where the program keeps its runs
    :param options: more of `deepview_tui.Run`
    """

    def __init__(
        self,
        *,
        probe: Any,
        classes: Sequence[str] | None = None,
        call: Callable[[Any, Any], Any] | None = None,
        run: str | os.PathLike[str] | None = None,
        name: str | None = None,
        keep: str | int | Keep = "all",
        batch: int = 128,
        **options: Any,
    ) -> None:
        self._inputs, self._labels = split_probe(probe)
        if len(self._inputs) == 0:
            raise RecordingError("the probe is empty; give it at least one sample.")
        check_labels(self._labels, len(self._inputs))
        self._call = call or (lambda model, inputs: model(inputs))
        self._batch = batch
        self._options = {"classes": classes, "keep": keep, "directory": run, "labels": self._labels, **options}
        self._name = name
        self.run: Run | None = None

    def log(self, model: Any, variables: Any = None, *, epoch: int | None = None, **scalars: Any) -> None:
        """Records the layers' activations as they are now.

        :param model: an NNX model, or a Linen module
        :param variables: of a Linen module: ``{"params": ...}``
        :raises RecordingError: at the first time, for what is wrong with the model, the probe or the run
        """
        if self.run is None:
            samples, layers = self._answers(model, variables)
            if not samples:
                raise RecordingError("the model has no layer to record: none gives floats with the samples in front.")
            called = self._name or type(model).__name__.lower()
            self.run = Run(
                **{
                    "name": called,
                    "layers": [layers[name] for name in samples],
                    "engine": {"name": f"flax {flax.__version__}", "version": jax.__version__, "device": _device()},
                    **self._options,
                }
            )
        run = self.run
        run.end_epoch()
        if not run.is_recording:
            return
        with run.guarded(), run.monitored():
            samples, _ = self._answers(model, variables)
            run.record(epoch=epoch, samples=samples, scalars=scalars)

    @property
    def should_stop(self) -> bool:
        """Whether `runs stop` asks the training to end, as of `deepview_tui.Run`."""
        return self.run is not None and self.run.should_stop

    def close(self, state: State = "finished", error: BaseException | None = None) -> None:
        if self.run is not None:
            self.run.close(state, error)

    def _answers(self, model: Any, variables: Any) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, Layer]]:
        parts: dict[str, list[npt.NDArray[np.float32]]] = {}
        layers: dict[str, Layer] = {}
        counts: dict[str, int] = {}
        size = 0

        def answered(name: str, module: Any, output: Any, parameters: int) -> None:
            counts[name] = counts.get(name, 0) + 1
            full = name if counts[name] == 1 else f"{name}#{counts[name]}"
            output = output[0] if isinstance(output, (tuple, list)) and output else output
            is_layer = hasattr(output, "ndim") and output.ndim > 1 and output.shape[0] == size
            if not is_layer or not jnp.issubdtype(output.dtype, jnp.floating):
                return
            values = output.astype(jnp.float32).reshape(size, -1, output.shape[-1]).mean(1)
            parts.setdefault(full, []).append(np.asarray(values))
            sides = output.shape[1:-1]
            units = int(output.shape[-1])
            shape = (int(np.prod(sides[:-1])), int(sides[-1]), units) if sides else (1, 1, units)
            kind = next((kind for part, kind in _KINDS.items() if part in type(module).__name__), "other")
            own = parameters if counts[name] == 1 else 0
            layers.setdefault(full, Layer(full, units, kind, shape, own))

        listening = _listening_linen(answered) if isinstance(model, linen.Module) else _listening_nnx(model, answered)
        called = model if not isinstance(model, linen.Module) else _applied(model, variables)
        with listening:
            for begin in range(0, len(self._inputs), self._batch):
                batch = jnp.asarray(self._inputs[begin : begin + self._batch])
                size = len(batch)
                counts.clear()
                self._call(called, batch)
        samples = {name: np.concatenate(many) for name, many in parts.items()}
        return {name: one for name, one in samples.items() if len(one) == len(self._inputs)}, layers


def _applied(module: Any, variables: Any) -> Callable[..., Any]:
    if variables is None:
        raise RecordingError("a Linen module is recorded with its variables: log(module, variables).")
    return lambda *given, **more: module.apply(variables, *given, **more)


@contextlib.contextmanager
def _listening_linen(answered: Any) -> Iterator[None]:
    def told(following: Any, given: Any, more: Any, context: Any) -> Any:
        output = following(*given, **more)
        module = context.module
        is_leaf = not any(isinstance(one, linen.Module) for one in module._state.children.values())
        if context.method_name == "__call__" and module.path and is_leaf and "Dropout" not in type(module).__name__:
            own = sum(int(np.prod(one.shape)) for one in jax.tree_util.tree_leaves(module.variables.get("params", {})))
            answered(".".join(module.path), module, output, own)
        return output

    with linen.intercept_methods(told):
        yield


@contextlib.contextmanager
def _listening_nnx(model: Any, answered: Any) -> Iterator[None]:
    """Classes are listened to, since Python calls an object by its class; modes are restored afterwards."""
    leaves: dict[int, tuple[str, int]] = {}
    modes: list[tuple[Any, str, Any]] = []
    for path, module in nnx.iter_modules(model):
        modes += [
            (module, name, getattr(module, name))
            for name in ("deterministic", "use_running_average")
            if hasattr(module, name)
        ]
        inner = [one for _, one in nnx.iter_modules(module) if one is not module]
        if not [one for one in inner if not isinstance(one, nnx.Rngs)] and "Dropout" not in type(module).__name__:
            own = sum(int(np.prod(one.shape)) for one in jax.tree_util.tree_leaves(nnx.state(module, nnx.Param)))
            leaves[id(module)] = (".".join(map(str, path)) or type(model).__name__.lower(), own)
    kinds = {type(one) for _, one in nnx.iter_modules(model) if id(one) in leaves and callable(one)}
    originals = {kind: kind.__call__ for kind in kinds}

    def listening(original: Any) -> Any:
        def told(self: Any, *given: Any, **more: Any) -> Any:
            output = original(self, *given, **more)
            if id(self) in leaves:
                name, own = leaves[id(self)]
                answered(name, self, output, own)
            return output

        return told

    try:
        for module, name, _ in modes:
            setattr(module, name, True)
        for kind, original in originals.items():
            kind.__call__ = listening(original)
        yield
    finally:
        for kind, original in originals.items():
            kind.__call__ = original
        for module, name, value in modes:
            setattr(module, name, value)


def _device() -> str:
    return str(jax.devices()[0].device_kind)
