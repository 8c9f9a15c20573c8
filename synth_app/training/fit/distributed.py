"""The processes that train one net together (torchrun): who does what, and how their gradients become one."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import torch
from torch import distributed, nn

from synth_app.support.errors import UserError
from synth_app.training.fit.torchrun import rank, world_size

_LONGEST_WAIT = timedelta(days=7)  # while the first process computes frames


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together.

    Attributes:
        rank: its number, from 0. world: how many there are.
        device: what it computes on.
    """

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def leads(self) -> bool:
        """Whether this one writes the files."""
        return self.rank == 0

    def wrapped(self, step: nn.Module) -> nn.Module:
        """A module whose gradients are the mean of all processes' (DistributedDataParallel)."""
        if self.world == 1:
            return step
        # stages of a training leave layers out
        return cast(nn.Module, nn.parallel.DistributedDataParallel(step, find_unused_parameters=True))

    def total(self, value: float) -> float:
        """Sum over all processes."""
        return self._gathered(value, distributed.ReduceOp.SUM) if self.world > 1 else value

    def any(self, value: bool) -> bool:
        """Whether it is so in any process."""
        return self._gathered(float(value), distributed.ReduceOp.MAX) > 0 if self.world > 1 else value

    def leaders(self, value: float) -> float:
        """The first process's value: others may run on machines that round differently."""
        return self.total(value if self.leads else 0.0)

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """The first process runs the body before the others do, so that they find what it wrote."""
        if self.world > 1 and not self.leads:
            distributed.barrier()
        yield
        if self.world > 1 and self.leads:
            distributed.barrier()

    def _gathered(self, value: float, by: distributed.ReduceOp.RedOpType) -> float:
        tensor = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.all_reduce(tensor, by)
        return float(tensor.item())


ALONE = Ranks()


def join(device: str) -> Ranks:
    """Take this process's place: alone, or under torchrun among the others (gloo on CPUs, nccl on GPUs).

    Args:
        device: "cpu", "cuda", or "auto" for CUDA where there is some.

    Raises:
        UserError: there is no CUDA device, or fewer than processes on this machine.
    """
    place = _device(device)
    if world_size() == 1:
        return Ranks(device=place)
    if not distributed.is_initialized():
        backend = "nccl" if place.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=_LONGEST_WAIT)
        atexit.register(distributed.destroy_process_group)
    return Ranks(rank(), world_size(), place)


def _device(name: str) -> torch.device:
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UserError("there is no CUDA device that torch can use; train with --device cpu")
    index = int(os.environ.get("LOCAL_RANK", "0"))
    if index >= torch.cuda.device_count():
        raise UserError(
            f"process {index} of this machine has no GPU of its own ({torch.cuda.device_count()} there); "
            "start as many processes as there are GPUs"
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)
