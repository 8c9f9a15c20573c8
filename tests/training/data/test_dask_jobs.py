"""Jobs with Dask: in this process, in processes of this machine, on a cluster."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import dask
import pytest
from distributed import LocalCluster
from distributed.security import Security

from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import run_jobs

_ROLES = ("scheduler", "worker", "client")


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


def test_no_port_is_open_while_processes_of_this_machine_work() -> None:
    before = _listening()
    opened = [port for _, port in run_jobs(_new_listeners, list(range(3)), workers=2)]
    assert set(opened) == {frozenset(before)}


def _listening() -> frozenset[str]:
    """Return the local addresses on which this machine's processes wait for connections."""
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    inodes = {fd.resolve().name for fd in Path("/proc/self/fd").iterdir()}
    return frozenset(f.split()[1] for f in lines if f.split()[3] == "0A" and f"socket:[{f.split()[9]}]" in inodes)


def _new_listeners(job: int) -> frozenset[str]:
    return _listening()


def test_a_killed_process_is_told() -> None:
    with pytest.raises(UserError, match="use fewer workers"):
        list(run_jobs(_die, [1, 2, 3], workers=2))


def _die(job: int) -> int:
    os._exit(1)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_cluster_with_encryption_is_used(tmp_path: Path) -> None:
    """The configuration is that of the how-to page."""
    certificate, key = str(tmp_path / "cluster.pem"), str(tmp_path / "cluster-key.pem")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=cluster"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = {f"{role}.{part}": file for role in _ROLES for part, file in (("cert", certificate), ("key", key))}
    settings = {f"distributed.comm.tls.{name}": value for name, value in {**tls, "ca-file": certificate}.items()}
    with dask.config.set({**settings, "distributed.comm.require-encryption": True}):
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            dashboard_address=None,
            memory_limit=0,
            protocol="tls://",
            security=Security(),
        )
        with cluster:
            assert cluster.scheduler_address.startswith("tls://")
            assert [square for _, (square, _) in run_jobs(_square, [5], scheduler=cluster.scheduler_address)] == [25]


def test_a_missing_scheduler_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.training.data.dask_jobs.CONNECT_TIMEOUT", "1s")
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9; start one with"):
        list(run_jobs(_square, [1, 2], scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(UserError, match="no Dask scheduler answers at nonsense"):
        list(run_jobs(_square, [1, 2], scheduler="nonsense://"))
