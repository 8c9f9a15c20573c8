"""Checkpoints between epochs: one safetensors file with its counters as JSON, no pickle."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from pydantic import TypeAdapter
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from synth_app.support.files import atomic_path
from synth_app.support.loading import loading
from synth_app.support.tensor_files import read_metadata
from synth_app.training.families.base import FrameNet

_KEY = "synth_app.training"
_MAX_BYTES = 2**36  # of a checkpoint: weights, the best weights and the optimizer's two moments


@dataclass(frozen=True)
class TrainingState:
    """Progress of a training.

    Attributes:
        epoch: epochs done.
        best_epoch: epoch with the lowest validation error, counted from 1; 0 is the net before training.
        best_rmse_db: pooled validation RMSE of that epoch.
        seconds: processor time of this process's threads together. Other work on the machine and time spent stopped do
            not count.
        finished: whether the training is complete.
    """

    epoch: int = 0
    best_epoch: int = 0
    best_rmse_db: float = float("inf")
    seconds: float = 0.0
    finished: bool = False

    def after(self, rmse_db: float, seconds: float) -> "TrainingState":
        """Return the state after one more epoch with this validation RMSE and processor time."""
        better = rmse_db < self.best_rmse_db
        return replace(
            self,
            epoch=self.epoch + 1,
            best_epoch=self.epoch + 1 if better else self.best_epoch,
            best_rmse_db=min(rmse_db, self.best_rmse_db),
            seconds=self.seconds + seconds,
        )


_STATE = TypeAdapter(TrainingState)


def save_checkpoint(
    path: Path, state: TrainingState, net: FrameNet, optimizer: torch.optim.Adam, best: dict[str, Tensor]
) -> None:
    """Write everything that the next epoch depends on, atomically."""
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for name, parameter in net.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"adam.{key}.{name}"] = value
    copies = {name: value.detach().clone().contiguous() for name, value in tensors.items()}  # no shared memory
    with atomic_path(path) as temporary:
        save_file(copies, temporary, {_KEY: json.dumps(asdict(state))})


def load_checkpoint(path: Path, net: FrameNet, optimizer: torch.optim.Adam) -> tuple[TrainingState, dict[str, Tensor]]:
    """Load a checkpoint into net and optimizer; return the training state and the best weights.

    Raises:
        UserError: the file is damaged or belongs to another net.
    """
    with loading(path, "a checkpoint of this training", "delete it to start over"):
        state = _STATE.validate_json(read_metadata(path, max_bytes=_MAX_BYTES)[_KEY])
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        net.load_state_dict(_with_prefix("net.", tensors, net.renamed_parameters))
        best = _with_prefix("best.", tensors, net.renamed_parameters)
        parameters = dict(net.named_parameters())
        for key in [name for name in tensors if name.startswith("adam.")]:
            _, entry, stored_name = key.split(".", 2)
            parameter = parameters[_present_name(stored_name, net.renamed_parameters)]
            optimizer.state[parameter][entry] = tensors[key].to(parameter.device)
        return state, best


def _with_prefix(prefix: str, tensors: dict[str, Tensor], renamed: Mapping[str, str]) -> dict[str, Tensor]:
    return {
        _present_name(name.removeprefix(prefix), renamed): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _present_name(name: str, renamed: Mapping[str, str]) -> str:
    """Return a parameter's present name for the one that an earlier version stored."""
    for old, new in renamed.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
