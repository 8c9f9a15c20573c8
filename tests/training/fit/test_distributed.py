"""Training in two processes gives the result of one process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from synth_app.support.errors import UserError
from synth_app.training.fit.distributed import Ranks, join
from tests.training.rank_job import JOBS, fitted


@pytest.fixture(scope="module")
def together(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that two processes wrote."""
    out = tmp_path_factory.mktemp("together")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*command, "tests.training.rank_job", str(data), str(out)],
        env=environment, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return out


def _read(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        return weights, json.loads(file.metadata()["state"])


def test_two_processes_train_the_net_that_one_trains(data: Path, tmp_path: Path, together: Path) -> None:
    alone = fitted(data, tmp_path, "dae", JOBS["dae"])
    weights, state = _read(together / "dae.safetensors")
    assert state["best_rmse_db"] == pytest.approx(alone.state.best_rmse_db, abs=1e-3)
    assert state["epoch"] == 3
    for name, value in alone.net.state_dict().items():
        np.testing.assert_allclose(weights[name].numpy(), value.numpy(), atol=2e-4, err_msg=name)
    mine, theirs = (next(run.rglob("dae*/log.jsonl")).read_text().splitlines() for run in (tmp_path, together))
    for one, two in zip(mine, theirs, strict=True):  # written once, by the first process
        assert json.loads(two)["loss"] == pytest.approx(json.loads(one)["loss"], rel=1e-4)


def test_with_augmentation_two_processes_reach_the_same_error(data: Path, tmp_path: Path, together: Path) -> None:
    alone = fitted(data, tmp_path, "vae", JOBS["vae"])
    weights, state = _read(together / "vae.safetensors")
    assert state["best_rmse_db"] == pytest.approx(alone.state.best_rmse_db, rel=0.05)
    own = alone.net.state_dict()
    assert max(float((weights[name] - value).abs().max()) for name, value in own.items()) > 1e-4  # other noise


def test_a_single_process_needs_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    ranks = join("cpu")
    assert ranks == Ranks()
    assert (ranks.is_leader, ranks.total(2.5), ranks.any(False), ranks.from_leader(3.0)) == (True, 2.5, False, 3.0)
    step = torch.nn.Linear(2, 2)
    assert ranks.wrap(step) is step
    with ranks.leader_first():
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused() -> None:
    assert join("auto").device == torch.device("cpu")
    with pytest.raises(UserError, match="torch finds no CUDA device; train with --device cpu"):
        join("cuda")
