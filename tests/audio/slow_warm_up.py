"""A warm-up that takes two seconds for each of three groups and writes kernels of no content into the cache.

A group whose name is in the variable BROKEN fails.
"""

import os
import sys
import time
from pathlib import Path

import numba

from synth_app.support.compiling.jobs import mark_compiled

FIRST, LATER = ("one", "two"), ("three",)
FIRST_KERNELS = 8


def main(group: str) -> None:
    """Compile a group."""
    folder = Path(numba.config.CACHE_DIR)
    if group in os.environ.get("BROKEN", ""):
        sys.exit("broken")
    for i in range(4):
        time.sleep(0.5)
        (folder / f"{group}-{i}.nbi").touch()
    mark_compiled(group)


if __name__ == "__main__":
    main(sys.argv[1])
