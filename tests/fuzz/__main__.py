"""Fuzz all loaders: ``python -m tests.fuzz --inputs 50000 [--seed 0] [--only NAME] [--jobs 2]``.

It prints a table and every fault with its number; ``--only NAME --number N`` runs one input again and keeps its file.
The exit status is 1 if a loader broke the rule.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.fuzz.loaders import LOADERS, loader
from tests.fuzz.runner import Outcome, make_input, run_inputs, run_job

_INPUTS_PER_JOB = 500
_DEAD_AFTER_SECONDS = 300.0  # wall time of a job: a hang inside a C library cannot be stopped from Python


def fuzz(inputs: int, seed: int, names: Sequence[str], jobs: int) -> Iterator[Outcome]:
    """Run ``inputs`` inputs, spread evenly over the loaders, in ``jobs`` processes that start afresh."""
    each, more = divmod(inputs, len(names))
    work = [
        (name, seed, start, min(start + _INPUTS_PER_JOB, count))
        for place, name in enumerate(names)
        for count in (each + (place < more),)
        for start in range(0, count, _INPUTS_PER_JOB)
    ]
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs) as pool:
        waiting = [(job, pool.apply_async(run_job, job)) for job in work]
        for (name, _, start, stop), result in waiting:
            try:
                yield from result.get(timeout=_DEAD_AFTER_SECONDS + 60.0 * len(work))
            except multiprocessing.TimeoutError:
                yield Outcome(name, start, "hang", f"no end of inputs {start} to {stop - 1}", _DEAD_AFTER_SECONDS, 0)
                return


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a Markdown table, a line per loader and their sum."""
    lines = [
        "| Loader | inputs | values | messages | other exceptions | over 2 s CPU | over 1 GB | files outside |"
        " longest CPU s | most MB |",
        "|---|" + "---:|" * 9,
    ]
    for name in (*dict.fromkeys(each.loader for each in outcomes), ""):
        own = [each for each in outcomes if name in ("", each.loader)]
        counts = [
            sum(each.kind == kind for each in own)
            for kind in ("value", "message", "exception", "hang", "memory", "outside")
        ]
        longest, most = max(each.cpu_s for each in own), max(each.growth_kib for each in own) / 1024
        cells = [name or "**all**", f"{len(own):,}", *(f"{n:,}" for n in counts), f"{longest:.2f}", f"{most:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz all loaders.")
    parser.add_argument("--inputs", type=int, default=2000, help="number of inputs over all loaders")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations")
    parser.add_argument("--only", choices=[each.name for each in LOADERS], help="only this loader")
    parser.add_argument("--number", type=int, help="only this input of it; its file is kept in the current folder")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    if options.only and options.number is not None:
        chosen = loader(options.only)
        Path(f"fuzz-{Path(chosen.file).name}").write_bytes(make_input(chosen, options.seed, options.number))
        outcomes = list(run_inputs(chosen, options.seed, [options.number]))
        print(outcomes[0])
    else:
        names = [options.only] if options.only else [each.name for each in LOADERS]
        start_s = time.monotonic()
        outcomes = list(fuzz(options.inputs, options.seed, names, options.jobs))
        print(table(outcomes))
        print(f"\n{len(outcomes):,} inputs, seed {options.seed}, {time.monotonic() - start_s:.0f} s")
    faults = [each for each in outcomes if each.fault]
    for each in faults[:50]:
        print(f'{each.kind}: --only "{each.loader}" --number {each.number}: {each.detail}', file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
