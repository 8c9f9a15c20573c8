"""Jobs in several processes with Dask: on this machine, or on a cluster."""

import logging
from collections.abc import Callable, Iterator, Sequence
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
        scheduler: address of a Dask scheduler, such as ``tcp://node:8786``; None: processes of this machine.
        workers: number of processes. With one worker or one job, all jobs run in this process, in order.

    Raises:
        UserError: Dask is missing, or no scheduler answers. Errors of ``function`` are raised here; jobs that did not
            start are then cancelled.
    """
    if scheduler is None and (workers == 1 or len(jobs) < 2):
        yield from ((job, function(job)) for job in jobs)
        return
    with _client(scheduler, min(workers, len(jobs))) as client:
        from distributed import as_completed

        futures = client.map(function, jobs, pure=False)
        job_of = {future.key: job for future, job in zip(futures, jobs, strict=True)}
        try:
            for future in as_completed(futures, loop=client.loop):
                yield job_of[future.key], future.result()
        except BaseException:
            client.cancel(futures)
            raise


@contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator["Client"]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UserError('Dask is not installed; install it: pip install "synth-app[train]"') from error
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=CONNECT_TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UserError(
                f"no Dask scheduler answers at {scheduler}; start one with `dask scheduler`, and workers with "
                "`dask worker ADDRESS`, and give its address"
            ) from error
        with client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.ERROR,
            memory_limit=0,  # jobs are small and share the machine
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
