"""Trainings of several processes under `torch.distributed`: who measures, and who writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

import torch
import torch.distributed as dist
from torch import nn

from ..errors import Guard, RecordingError, warn

__all__ = ["Bystander", "Ranks"]

Which = Literal["auto", "first", "all"]


class Ranks:
    """This process among those that train together; alone where there are no others.

    Copies of a model (DDP) are measured by rank 0 alone, without any communication, so that it does not matter whether
    the others record too. A sharded model (FSDP) runs only where all ranks run it: each shows it a part of the probe,
    and rank 0 gathers and writes.
    """

    def __init__(self, model: nn.Module, which: Which = "auto") -> None:
        if which not in ("auto", "first", "all"):
            raise RecordingError(f'ranks is {which!r}; it may be "auto", "first" or "all".')
        has_others = dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
        self.rank: int = dist.get_rank() if has_others else 0
        self.size: int = dist.get_world_size() if has_others else 1
        self.is_sharded = has_others and _is_sharded(model)
        if self.is_sharded and which == "first":
            raise RecordingError('a sharded model is measured by all ranks; give ranks="auto" or "all".')
        #: Whether each rank measures a part of the probe.
        self.share = has_others and (self.is_sharded or which == "all")

    @property
    def writes(self) -> bool:
        return self.rank == 0

    @property
    def measures(self) -> bool:
        return self.writes or self.share

    def same(self, value: Any) -> Any:
        """What rank 0 has: ranks' loaders give other samples."""
        if not self.share:
            return value
        box = [value if self.writes else None]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def places(self, count: int) -> list[int]:
        """The samples that are this rank's: as many on each, the first ones again where they do not come out even."""
        if not self.share:
            return list(range(count))
        return [place % count for place in range(self.rank, -(-count // self.size) * self.size, self.size)]

    def agree(self, is_well: bool, device: torch.device, numbers: int = 0) -> bool:
        """Whether all ranks are well, and have as many numbers to gather: none waits for one that gave up."""
        if not self.share:
            return is_well
        told = torch.tensor([int(is_well), numbers, -numbers], device=device)
        dist.all_reduce(told, op=dist.ReduceOp.MIN)
        well, least, most = told.tolist()
        return bool(well) and least == -most

    def gathered(self, values: torch.Tensor, count: int) -> torch.Tensor:
        """The rows of all samples in their order, of those of each rank's: ``[count, ...]``."""
        if not self.share:
            return values
        values = values.contiguous()
        parts = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(parts, values)
        return torch.stack(parts, 1).flatten(0, 1)[:count]


def _is_sharded(model: nn.Module) -> bool:
    is_wrapped = any("FullyShardedDataParallel" in type(one).__name__ for one in model.modules())
    return is_wrapped or any(hasattr(one, "full_tensor") for one in model.parameters())


class Bystander(Guard):
    """The run of a process that writes none."""

    def __init__(self, clock: str, *, strict: bool) -> None:
        self._clock = clock
        self.strict = strict
        self.last: int | None = None
        self.labels = None
        self.directory: Any = None
        self._has_ended = False

    @property
    def is_recording(self) -> bool:
        return not self._has_ended

    #: It is the rank that writes who could be asked, and it is not.
    should_stop = False

    def heed(self) -> None:
        """Nothing is asked of it."""

    def end_epoch(self) -> None:
        """Nor when an epoch is over."""

    def end_recording(self, why: Exception) -> None:
        self._has_ended = True
        warn(f"deepview-tui records no more: {why}")

    @contextlib.contextmanager
    def monitored(self) -> Iterator[None]:
        yield

    def record(self, *, epoch: float | None = None, step: int | None = None, **_given: Any) -> None:
        number = step if self._clock == "step" else epoch
        self.last = (self.last or 0) + 1 if number is None else int(number)

    def values(self) -> dict[str, float]:
        return {}

    def flush(self) -> None:
        """Nothing is on its way to the disk."""

    def close(self, _state: str = "finished", _error: BaseException | None = None) -> None:
        self._has_ended = True
