"""Distributed training of one net by several processes (torchrun): ranks, gradient averaging and reductions."""

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
        rank: number of this process, from 0. world: number of processes.
        device: device that this process computes on.
    """

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def is_leader(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def wrap(self, step: nn.Module) -> nn.Module:
        """Return a module whose gradients are averaged over all processes (DistributedDataParallel)."""
        if self.world == 1:
            return step
        # nets trained in stages leave layers unused
        return cast(nn.Module, nn.parallel.DistributedDataParallel(step, find_unused_parameters=True))

    def total(self, value: float) -> float:
        """Return the sum over all processes."""
        return self._reduced(value, distributed.ReduceOp.SUM) if self.world > 1 else value

    def any(self, value: bool) -> bool:
        """Return whether ``value`` is true in any process."""
        return self._reduced(float(value), distributed.ReduceOp.MAX) > 0 if self.world > 1 else value

    def from_leader(self, value: float) -> float:
        """Return the first process's value: other machines may round differently."""
        return self.total(value if self.is_leader else 0.0)

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """Run the body in the first process before the others, so that they find the files that it writes."""
        if self.world > 1 and not self.is_leader:
            distributed.barrier()
        yield
        if self.world > 1 and self.is_leader:
            distributed.barrier()

    def _reduced(self, value: float, operation: distributed.ReduceOp.RedOpType) -> float:
        tensor = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.all_reduce(tensor, operation)
        return float(tensor.item())


SINGLE_PROCESS = Ranks()


def join(device: str) -> Ranks:
    """Join the process group under torchrun (gloo on CPUs, nccl on GPUs), or return a single rank without it.

    Args:
        device: "cpu", "cuda", or "auto" for CUDA if there is a device.

    Raises:
        UserError: there is no CUDA device, or fewer than processes on this machine.
    """
    own = _device(device)
    if world_size() == 1:
        return Ranks(device=own)
    if not distributed.is_initialized():
        backend = "nccl" if own.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=_LONGEST_WAIT)
        atexit.register(distributed.destroy_process_group)
    return Ranks(rank(), world_size(), own)


def _device(name: str) -> torch.device:
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise UserError("torch finds no CUDA device; train with --device cpu")
    index = int(os.environ.get("LOCAL_RANK", "0"))
    if index >= torch.cuda.device_count():
        raise UserError(
            f"no GPU is left for process {index} of this machine: there are {torch.cuda.device_count()}; "
            "start at most as many processes as GPUs"
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)
