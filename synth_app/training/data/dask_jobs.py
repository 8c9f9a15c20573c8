"""Jobs in several processes of this machine, or on a Dask cluster."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

Job = TypeVar("Job")
Result = TypeVar("Result")
CONNECT_TIMEOUT = "10s"


def run_jobs(
    function: Callable[[Job], Result], jobs: Sequence[Job], *, scheduler: str | None = None, workers: int = 1
) -> Iterator[tuple[Job, Result]]:
    """Run jobs and yield each with its result when it is done.

    Args:
        function: module-level function, called once for every job.
        jobs: arguments, small because they are sent. All workers must see the files that they name.
        scheduler: address of a Dask scheduler, such as ``tls://node:8786``; None: processes of this machine.
        workers: number of processes. With one worker or one job, all jobs run in this process, in order.

    Raises:
        UserError: Dask is missing, no scheduler answers, or a process was killed. Errors of ``function`` are raised
            here; jobs that did not start are then cancelled.
    """
    if scheduler is not None:
        yield from _run_on_cluster(function, jobs, scheduler)
    elif workers == 1 or len(jobs) < 2:
        yield from ((job, function(job)) for job in jobs)
    else:
        yield from _run_in_processes(function, jobs, min(workers, len(jobs)))


def _run_in_processes(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[tuple[Job, Result]]:
    """Run jobs in processes of this machine, connected by pipes: no port is open that others could connect to."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        job_of = {pool.submit(function, job): job for job in jobs}
        for future in as_completed(job_of):
            yield job_of[future], future.result()
    except BrokenProcessPool as error:
        raise UserError("a process ended while it worked; free some memory, or use fewer workers") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _run_on_cluster(
    function: Callable[[Job], Result], jobs: Sequence[Job], scheduler: str
) -> Iterator[tuple[Job, Result]]:
    with _client(scheduler) as client:
        from distributed import as_completed as as_dask_completed

        futures = client.map(function, jobs, pure=False)
        job_of = {future.key: job for future, job in zip(futures, jobs, strict=True)}
        try:
            for future in as_dask_completed(futures, loop=client.loop):
                yield job_of[future.key], future.result()
        except BaseException:
            client.cancel(futures)
            raise


@contextmanager
def _client(scheduler: str) -> Iterator["Client"]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError('Dask is not installed; install it: pip install "synth-app[train]"') from error
    try:
        client = Client(scheduler, timeout=CONNECT_TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"no Dask scheduler answers at {scheduler}; start one with `dask scheduler`, and workers with "
            "`dask worker ADDRESS`, and give its address"
        ) from error
    with client:
        yield client
