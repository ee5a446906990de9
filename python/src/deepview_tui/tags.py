"""What frameworks call their numbers, as tags of a run: ``val_acc`` is ``accuracy/validation``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["tagged"]

_SPLITS = {
    **{"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation"},
    **{"eval": "validation", "test": "test"},
}
_GROUPS = {
    **dict.fromkeys(("acc", "accuracy", "categorical_accuracy", "sparse_categorical_accuracy"), "accuracy"),
    **{"binary_accuracy": "accuracy", "lr": "learning_rate", "grad_norm": "gradient_norm", "ppl": "perplexity"},
    **dict.fromkeys(("top5_error", "error_top5"), "error_top5"),
}
_OF_TRAINING = ("loss", "accuracy", "perplexity")
#: Times, counts and the clock, which the run has by itself.
_NOT_MEASURED = re.compile(r"^(epoch|(global_)?step|total_flos|num_.*)$|(^|_)(runtime|.*_per_second|memory|time)$")


def tagged(given: Mapping[str, Any]) -> dict[str, float]:
    """Numbers by tag, of names as ``train_loss``, ``val/acc`` and ``eval_loss``; what is no number is left out."""
    result: dict[str, float] = {}
    for name, value in given.items():
        if _NOT_MEASURED.search(name):
            continue
        try:
            number = float(value)
        except (TypeError, ValueError, RuntimeError):
            continue
        group, split = _parts(name)
        result[f"{group}/{split}" if split else group] = number
    return result


def _parts(name: str) -> tuple[str, str]:
    words = [one for one in re.split(r"[_/]", name) if one]
    if len(words) > 1 and words[-1] in ("epoch", "step"):
        words.pop()
    for at in (0, -1):
        split = _SPLITS.get(words[at]) if len(words) > 1 else None
        if split:
            rest = "_".join(words[1:] if at == 0 else words[:-1])
            return _GROUPS.get(rest, rest), split
    group = _GROUPS.get(name, name)
    return group, "train" if group in _OF_TRAINING else ""
