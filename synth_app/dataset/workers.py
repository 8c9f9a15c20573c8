"""Worker processes that end with their parent and do not inherit its locks."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVarTuple, Unpack

Arguments = TypeVarTuple("Arguments")


@contextmanager
def worker_pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of ``jobs`` spawned processes; on an error or Ctrl-C, calls that have not started are cancelled.

    Processes are spawned, because a forked child would inherit locks that other threads of the parent hold.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def run_all(
    function: Callable[[Unpack[Arguments]], object],
    calls: Sequence[tuple[*Arguments]],
    jobs: int,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Call a function with each tuple of arguments in up to ``jobs`` processes.

    Progress starts at ``total - len(calls)``: calls that are not given count as done.
    """
    done = total - len(calls)
    if progress is not None:
        progress(done, total)
    if not calls:
        return
    with worker_pool(min(jobs, len(calls))) as pool:
        for future in as_completed([pool.submit(function, *call) for call in calls]):
            future.result()
            done += 1
            if progress is not None:
                progress(done, total)


def _end_with_parent() -> None:
    """End this process with its parent. A killed parent cannot end its workers, so they would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
