"""Work spread over processes with Dask: of this machine, or of the cluster behind a scheduler's address."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

Job = TypeVar("Job")
Result = TypeVar("Result")
PATIENCE = "10s"


def spread(
    function: Callable[[Job], Result], jobs: Sequence[Job], *, scheduler: str | None = None, workers: int = 1
) -> Iterator[tuple[Job, Result]]:
    """Each job with its result, as they are done.

    Args:
        function: of a module, called once for every job.
        jobs: small, since they are sent; files that they name must lie where all workers see them.
        scheduler: address of a Dask scheduler, such as ``tcp://node:8786``; None: processes of this machine.
        workers: how many of them; with one, or one job, all is done here, in order.

    Raises:
        UserError: Dask is missing, or nobody answers at the address; and what ``function`` raises. What has not begun
            then is given up.
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
            client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
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
            silence_logs=logging.ERROR,  # no page of its own, no talk
            memory_limit=0,  # jobs are small, and share the machine
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
