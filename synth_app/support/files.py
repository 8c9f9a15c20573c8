"""Atomic writes: a crash or a full disk never damages a file that existed before."""

import errno
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from synth_app.support.errors import UserError
from synth_app.support.file_names import hidden_prefix
from synth_app.support.loading import shown

logger = logging.getLogger(__name__)


_REASONS = {
    errno.ENOSPC: "the disk is full; free some space, or choose another disk",
    errno.EDQUOT: "your disk quota is used up; free some space, or choose another disk",
    errno.EFBIG: "files of this size are not allowed there; choose another disk",
}
_PROBE_BYTES = 1 << 16
_TRASH = ".trash"
_MOST_SUFFIX_BYTES = 32


def check_target(path: Path | str) -> None:
    """Refuse a file that cannot be written, before the work that makes its content.

    Raises:
        UserError: its folder does not exist or cannot be written, or it is a folder itself.
    """
    target = Path(path)
    folder = target.parent
    if target.is_dir():
        raise UserError(f"{shown(target)} is a folder; add the name of a file")
    if not folder.is_dir():
        raise UserError(
            f"cannot write {shown(target)}: there is no folder {shown(folder)}; choose a folder that exists"
        )
    if not os.access(folder, os.W_OK):
        raise UserError(f"cannot write {shown(target)}: the folder {shown(folder)} is read-only; choose another one")


@contextmanager
def atomic_path(path: Path | str, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``path``. On success it replaces ``path``; on an error it is deleted.

    The file and its folder are on the disk when this returns, so that also a power failure leaves the old file or the
    new one. The temporary name keeps the suffix, because some writers choose their format by it.

    Args:
        path: of the file.
        durable: wait for the disk. False for files that can be made again, such as caches and the many notes of a
            data set, because waiting takes up to 20 ms each.

    Raises:
        UserError: the folder does not exist or cannot be written, or the disk is full.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(_format_suffix(target), hidden_prefix(target), target.parent)
    except OSError as error:
        raise UserError(
            f"cannot write {target}: {reason(error)}; choose a folder that exists and may be written"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)  # some writers replace the file by one that only the owner can read
        if durable:
            sync_file(temporary)
        temporary.replace(target)
        if durable:
            sync_folder(target.parent)
        logger.debug("wrote %s", target)
    except OSError as error:
        raise _failure(target, error) from error
    except UserError:
        raise
    except Exception as error:
        cause = _write_error(temporary)
        if cause is None:
            raise
        raise _failure(target, cause) from error
    finally:
        temporary.unlink(missing_ok=True)


def _format_suffix(target: Path) -> str:
    """Return the suffix of a name; "" for one that is too long to be that of a format."""
    return target.suffix if len(os.fsencode(target.suffix)) <= _MOST_SUFFIX_BYTES else ""


def _failure(target: Path, error: OSError) -> UserError:
    return UserError(f"cannot write {target}: {reason(error)}; nothing there was changed")


def trash_of(path: Path) -> Path:
    """Return the hidden folder to which ``move_to_trash`` moves a file or folder."""
    return path.parent / _TRASH


def move_to_trash(path: Path) -> Path:
    """Move a file or folder into the hidden folder ``.trash`` beside it, and return where it is there.

    Raises:
        UserError: it cannot be moved; it stays.
    """
    trash = trash_of(path)
    target = trash / path.name
    try:
        trash.mkdir(exist_ok=True)
        if target.exists():
            target = trash / f"{path.stem} {datetime.now():%Y-%m-%d %H.%M.%S.%f}{path.suffix}"
        path.replace(target)
    except OSError as error:
        raise UserError(f"cannot move {shown(path)} to {trash}: {reason(error)}; it was not deleted") from error
    return target


def reason(error: OSError) -> str:
    """Return why a file could not be written, as a clause; for a full disk with what to do."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def _write_error(path: Path) -> OSError | None:
    """Return why nothing can be appended to a file, or None: many libraries do not say why they failed."""
    try:
        with path.open("ab") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error
    return None


def sync_file(path: Path) -> None:
    """Wait until the disk has the file's contents. Raises OSError."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names. Raises OSError.

    It does nothing on Windows, which cannot open folders, and on network disks that cannot sync them.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
