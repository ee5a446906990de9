"""A recorder for scikit-learn's `MLPClassifier` and `MLPRegressor`, which are fitted by `partial_fit`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import RecordingError
from .probe import check_labels, split_probe
from .run import Closing, Layer, Run, State

__all__ = ["Recorder"]

_RANGES = {"logistic": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0)}


class Recorder(Closing):
    """Records an MLP after each `partial_fit`; as a context manager it closes the run.

    Rows are each layer's weighted sums (``dense1``) and its activations (``relu1``).

    :param probe: ``(X, y)``, y being classes as the estimator knows them, or X alone
    :param options: more of `deepview_tui.Run`
    """

    def __init__(self, estimator: Any, *, probe: Any, **options: Any) -> None:
        if not hasattr(estimator, "partial_fit") or not hasattr(estimator, "hidden_layer_sizes"):
            raise RecordingError(f"{type(estimator).__name__} is no MLP of scikit-learn.")
        self._estimator = estimator
        inputs, self._targets = split_probe(probe)
        self._inputs: npt.NDArray[Any] = np.asarray(inputs)
        check_labels(self._targets, len(self._inputs))
        self._options = options
        self.run: Run | None = None

    def log(self, *, epoch: int | None = None, **scalars: Any) -> None:
        """Records the layers' activations as they are now, and the loss of the last step.

        :raises RecordingError: at the first time, for what is wrong with the probe or the run
        """
        if self.run is None:
            if not hasattr(self._estimator, "coefs_"):
                raise RecordingError("the estimator has no weights yet; call partial_fit first.")
            self.run = self._begin()
        run = self.run
        run.end_epoch()
        if not run.is_recording:
            return
        with run.guarded(), run.monitored():
            loss = getattr(self._estimator, "loss_", None)
            own = {} if loss is None or "loss" in scalars else {"loss": {"train": loss}}
            samples = {layer.name: values for layer, values in self._answers()}
            run.record(epoch=epoch, samples=samples, scalars={**own, **scalars})

    @property
    def should_stop(self) -> bool:
        """Whether `runs stop` asks the training to end, as of `deepview_tui.Run`."""
        return self.run is not None and self.run.should_stop

    def close(self, state: State = "finished", error: BaseException | None = None) -> None:
        if self.run is not None:
            self.run.close(state, error)

    def _begin(self) -> Run:
        estimator = self._estimator
        known = getattr(estimator, "classes_", None)
        labels, classes = None, None
        if known is not None and self._targets is not None:
            places = {one: at for at, one in enumerate(known.tolist())}
            unknown = [one for one in np.asarray(self._targets).tolist() if one not in places]
            if unknown:
                raise RecordingError(f"the probe has the class {unknown[0]}, which the estimator does not know.")
            labels = np.array([places[one] for one in np.asarray(self._targets).tolist()])
            classes = [str(one) for one in known.tolist()]
        import sklearn

        return Run(
            **{
                "name": type(estimator).__name__.lower(),
                "layers": [layer for layer, _ in self._answers()],
                "labels": labels,
                "classes": classes,
                "engine": {"name": "scikit-learn", "version": str(sklearn.__version__), "device": "cpu"},
                **self._options,
            }
        )

    def _answers(self) -> list[tuple[Layer, npt.NDArray[np.float32]]]:
        """The layers, with what each says to the probe: the estimator's forward pass."""
        estimator = self._estimator
        result: list[tuple[Layer, npt.NDArray[np.float32]]] = []
        values = np.asarray(self._inputs, dtype=estimator.coefs_[0].dtype)
        last = len(estimator.coefs_)
        for place, (weights, biases) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True), 1):
            values = values @ weights + biases
            units = values.shape[1]
            dense = Layer(f"dense{place}", units, "dense", parameters=weights.size + biases.size)
            result.append((dense, values.astype(np.float32)))
            activation = estimator.activation if place < last else estimator.out_activation_
            if activation != "identity":
                values = _activated(values, activation)
                layer = Layer(f"{activation}{place}", units, "activation", range=_RANGES.get(activation))
                result.append((layer, values.astype(np.float32)))
        return result


def _activated(values: npt.NDArray[Any], activation: str) -> npt.NDArray[Any]:
    if activation == "relu":
        return np.asarray(np.maximum(values, 0))
    if activation == "tanh":
        return np.asarray(np.tanh(values))
    if activation == "logistic":
        return np.asarray(0.5 * (1 + np.tanh(values / 2)))
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
