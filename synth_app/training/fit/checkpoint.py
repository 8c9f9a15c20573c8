"""Saving a training between epochs: one safetensors file with its numbers as JSON, no pickle."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

_KEY = "synth_app.training"


@dataclass(frozen=True)
class Standing:
    """How far a training has come.

    Attributes:
        epoch: epochs done.
        best_epoch: the one (counted from 1) with the least validation error; 0 is the net before training.
        best_rmse_db: its validation RMSE, pooled.
        seconds: spent so far by this process's threads together, not by the clock: other work on the machine, and
            time spent stopped, do not count.
        finished: nothing is left to do.
    """

    epoch: int = 0
    best_epoch: int = 0
    best_rmse_db: float = float("inf")
    seconds: float = 0.0
    finished: bool = False

    def after(self, rmse_db: float, seconds: float) -> "Standing":
        """Standing after one more epoch."""
        better = rmse_db < self.best_rmse_db
        return replace(
            self,
            epoch=self.epoch + 1,
            best_epoch=self.epoch + 1 if better else self.best_epoch,
            best_rmse_db=min(rmse_db, self.best_rmse_db),
            seconds=self.seconds + seconds,
        )


def save_checkpoint(
    path: Path, standing: Standing, net: nn.Module, optimizer: torch.optim.Adam, best: dict[str, Tensor]
) -> None:
    """Write everything that the next epoch depends on, atomically."""
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for name, parameter in net.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"adam.{key}.{name}"] = value
    copies = {name: value.detach().clone().contiguous() for name, value in tensors.items()}  # no shared memory
    with atomic_path(path) as temporary:
        save_file(copies, temporary, {_KEY: json.dumps(asdict(standing))})


def load_checkpoint(path: Path, net: nn.Module, optimizer: torch.optim.Adam) -> tuple[Standing, dict[str, Tensor]]:
    """Put a saved state into net and optimizer; returns the standing and the best weights.

    Raises:
        UserError: the file is damaged or of another net.
    """
    try:
        with safe_open(path, framework="pt") as file:
            standing = Standing(**json.loads((file.metadata() or {})[_KEY]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        net.load_state_dict(_under("net.", tensors))
        best = _under("best.", tensors)
        names = dict(net.named_parameters())
        for key in [name for name in tensors if name.startswith("adam.")]:
            _, entry, parameter = key.split(".", 2)
            optimizer.state[names[parameter]][entry] = tensors[key].to(names[parameter].device)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise UserError(
            f"{path}: damaged or foreign checkpoint ({str(error).splitlines()[0]}); delete it to start over"
        ) from error
    return standing, best


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
