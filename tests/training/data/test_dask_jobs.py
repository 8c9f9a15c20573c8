"""Jobs with Dask: in this process, in processes of this machine, on a cluster."""

import os
import time
from pathlib import Path

import pytest
from distributed import LocalCluster

from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import run_jobs


def _square(job: int) -> tuple[int, int]:
    return job * job, os.getpid()


def _fail(job: int) -> int:
    if job == 3:
        raise UserError("job 3 cannot be done; leave it out")
    time.sleep(0.05)
    return job


def test_one_worker_runs_in_this_process_in_order() -> None:
    assert list(run_jobs(_square, [3, 1, 2])) == [(job, (job * job, os.getpid())) for job in (3, 1, 2)]


def test_several_workers_are_other_processes() -> None:
    done = dict(run_jobs(_square, list(range(6)), workers=2))
    assert {job: square for job, (square, _) in done.items()} == {job: job * job for job in range(6)}
    assert os.getpid() not in {pid for _, pid in done.values()}


def test_a_cluster_behind_an_address_is_used_and_errors_come_back() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        address = cluster.scheduler_address
        worker_pids = {worker.process.pid for worker in cluster.workers.values()}
        done = dict(run_jobs(_square, [5], scheduler=address))
        assert done[5][0] == 25
        assert done[5][1] in worker_pids
        with pytest.raises(UserError, match="job 3 cannot be done"):
            list(run_jobs(_fail, list(range(8)), scheduler=address))


def test_a_missing_scheduler_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.training.data.dask_jobs.CONNECT_TIMEOUT", "1s")
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9; start one with"):
        list(run_jobs(_square, [1, 2], scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(UserError, match="no Dask scheduler answers at nonsense"):
        list(run_jobs(_square, [1, 2], scheduler="nonsense://"))
