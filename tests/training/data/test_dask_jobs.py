"""Work spread with Dask: here, on processes of this machine, on a cluster behind an address."""

import os
import time
from pathlib import Path

import pytest
from distributed import LocalCluster

from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import spread


def _square(job: int) -> tuple[int, int]:
    return job * job, os.getpid()


def _fail(job: int) -> int:
    if job == 3:
        raise UserError("job 3 cannot be done; leave it out")
    time.sleep(0.05)
    return job


def test_one_worker_works_here_in_order() -> None:
    assert list(spread(_square, [3, 1, 2])) == [(job, (job * job, os.getpid())) for job in (3, 1, 2)]


def test_several_workers_are_other_processes() -> None:
    done = dict(spread(_square, list(range(6)), workers=2))
    assert {job: square for job, (square, _) in done.items()} == {job: job * job for job in range(6)}
    assert os.getpid() not in {pid for _, pid in done.values()}


def test_a_cluster_behind_an_address_is_used_and_errors_come_back() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        address = cluster.scheduler_address
        worker_pids = {worker.process.pid for worker in cluster.workers.values()}
        done = dict(spread(_square, [5], scheduler=address))
        assert done[5][0] == 25
        assert done[5][1] in worker_pids
        with pytest.raises(UserError, match="job 3 cannot be done"):
            list(spread(_fail, list(range(8)), scheduler=address))


def test_nobody_at_the_address_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.training.data.dask_jobs.PATIENCE", "1s")
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9; start one with"):
        list(spread(_square, [1, 2], scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(UserError, match="no Dask scheduler answers at nonsense"):
        list(spread(_square, [1, 2], scheduler="nonsense://"))
