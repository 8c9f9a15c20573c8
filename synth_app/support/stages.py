"""Hidden folders in which something is made until it is whole; those of a program that was killed are removed later."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR

_ENDING = ".synth_app-part"
_ABANDONED_S = 24 * 3600.0  # since something was last added; work in such a folder takes minutes


@contextmanager
def stage_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a hidden folder and yield it; at the end it is deleted, unless it was renamed.

    Folders that were left in ``parent`` by a program that was killed more than a day ago are deleted too.

    Args:
        parent: an existing folder.
        prefix: beginning of the name.

    Raises:
        OSError: the folder cannot be made.
    """
    _remove_abandoned(parent)
    stage = Path(tempfile.mkdtemp(_ENDING, prefix, parent))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    before = time.time() - _ABANDONED_S
    for path in parent.glob(f".*{_ENDING}"):
        status = path.lstat()
        if S_ISDIR(status.st_mode) and status.st_mtime < before:
            shutil.rmtree(path, ignore_errors=True)
