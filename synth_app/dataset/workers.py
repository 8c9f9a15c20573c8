"""Worker processes that never outlive their parent and never inherit its locks."""

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
    """A pool of ``jobs`` spawned processes; on an error or Ctrl-C what has not begun is cancelled.

    Spawned, since a forked child would share the locks of whatever threads the parent runs.
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
    """Call a function with each tuple of arguments in up to ``jobs`` processes; those of ``total`` that are not in
    ``calls`` count as done.
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
    """A killed parent cannot end its workers, and they would wait for work for ever: watch it from here."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
