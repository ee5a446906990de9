"""What every recorder reads of its probe in the same way."""

from __future__ import annotations

from typing import Any

from .errors import RecordingError

__all__ = ["check_labels", "split_probe"]


def split_probe(given: Any) -> tuple[Any, Any]:
    """Inputs and labels of ``(inputs, labels)``; of inputs alone, those and None."""
    inputs, labels = given if isinstance(given, (tuple, list)) and len(given) == 2 else (given, None)
    return inputs, labels


def check_labels(labels: Any, count: int) -> None:
    """Checks that labels, where there are any, are as many as the samples.

    :raises RecordingError: where they are not
    """
    if labels is not None and len(labels) != count:
        raise RecordingError(f"the probe has {len(labels)} labels for {count} samples; give one each.")
