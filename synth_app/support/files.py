"""Atomic writes: a crash or a full disk never damages a file that existed before."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path``. On success it replaces ``path``; on an error it is deleted.

    The temporary name keeps the suffix, because some writers choose their format by it.

    Raises:
        UserError: the folder does not exist or cannot be written.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        raise UserError(
            f"cannot write {target}: {error.strerror}; choose a folder that exists and may be written"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)  # some writers replace the file by one that only the owner can read
        temporary.replace(target)
        logger.debug("wrote %s", target)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}; nothing there was changed") from error
    finally:
        temporary.unlink(missing_ok=True)
