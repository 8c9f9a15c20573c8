"""JSON files in the user's folders: strict models, complete writes or none, and damaged files set aside."""

import logging
import math
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, ValidationError

from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes, reason_of
from synth_app.support.resources import user_folder

logger = logging.getLogger(__name__)

MAX_BYTES = 2**24  # of a preset or a file in the configuration folder; with user notes and automation they have 1 MB


class StrictModel(BaseModel):
    """An immutable part of a file. Unknown fields and numbers that are not finite are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _finite(value: JsonValue) -> JsonValue:
    """Refuse numbers that are not finite; pydantic accepts them in a ``JsonValue`` that it reads from text."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, float) and not math.isfinite(each):
            raise ValueError("a number is not finite")
        if isinstance(each, dict | list):
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return value


FiniteJson = Annotated[JsonValue, AfterValidator(_finite)]
M = TypeVar("M", bound=BaseModel)


def config_path(name: str) -> Path:
    """Return the path of a file in the user's configuration folder."""
    return user_folder("config") / name


def _version_problem(error: BaseException) -> str:
    """Return a line about a file of a newer version, "" for another problem."""
    if not isinstance(error, ValidationError):
        return ""
    first = error.errors()[0]
    newer = first["loc"] == ("version",) and isinstance(first["input"], int)
    return f"it was made by a newer synth_app, in version {first['input']} of the file" if newer else ""


def load_or_set_aside(path: Path, model: type[M], subject: str) -> tuple[M, str]:
    """Read a file, or return the defaults.

    A file that cannot be used is set aside, so that nothing is lost. See ``set_aside``.

    Args:
        path: of the file; a missing file gives the defaults without a message.
        model: the file's contents; every field has a default.
        subject: what the file holds, for the message, e.g. ``The last session``.

    Returns:
        the contents, and "" or one line for the user.
    """
    try:
        with loading(path, "complete", "the defaults are used"):
            return model.model_validate_json(read_bytes(path, MAX_BYTES)), ""
    except UserError as error:
        cause = error.__cause__ or error
        if isinstance(cause, FileNotFoundError):
            return model(), ""
        reason = _version_problem(cause) or reason_of(cause)
    return model(), set_aside(path, subject, reason)


def set_aside(path: Path, subject: str, reason: str) -> str:
    """Rename a file that cannot be used to ``*.damaged.json``, with a number if an earlier one is there.

    Args:
        path: of the file.
        subject: what it holds, for the message.
        reason: why it cannot be used.

    Returns:
        one line for the user.
    """
    logger.warning("file %s is damaged: %s", path, reason)
    kept = free_path(path.with_name(f"{path.stem}.damaged{path.suffix}"))
    try:
        path.replace(kept)
    except OSError as error:
        return f"{subject} could not be read ({reason}) or renamed ({error.strerror}); the defaults are used"
    return f"{subject} could not be read ({reason}); the defaults are used; the file is kept as {kept.name}"


def write_text(path: Path, text: str, consequence: str) -> None:
    """Write a file atomically, and create its folder.

    Args:
        path: of the file.
        text: its contents.
        consequence: what a failure means for the user, e.g. ``settings are not kept``.

    Raises:
        UserError: the file cannot be written, or would be too large to be read again.
    """
    size = len(text.encode())
    if size > MAX_BYTES:
        raise UserError(f"{path.name} would have {size} bytes, the limit is {MAX_BYTES}; shorten the automation")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; {consequence}") from error
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
