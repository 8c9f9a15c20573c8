"""JSON files in the user's folders: strict models, complete writes or none, and damaged files set aside."""

import logging
import math
from pathlib import Path
from typing import Annotated, TypeVar

from platformdirs import user_config_path
from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes, reason_of

logger = logging.getLogger(__name__)

MAX_BYTES = 2**24  # of a file in the configuration folder; a session with user notes and automation has about 1 MB


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
    return user_config_path("synth_app", appauthor=False) / name


def load_or_set_aside(path: Path, model: type[M], subject: str) -> tuple[M, str]:
    """Read a file, or return the defaults.

    A file that cannot be used is renamed to ``*.damaged.json``, so that nothing is lost.

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
        if isinstance(error.__cause__, FileNotFoundError):
            return model(), ""
        reason = reason_of(error.__cause__ or error)
    logger.warning("file %s is damaged: %s", path, reason)
    kept = path.with_suffix(".damaged.json")
    try:
        path.replace(kept)
    except OSError as error:
        return model(), f"{subject} could not be read ({reason}) or renamed ({error.strerror}); the defaults are used"
    return model(), f"{subject} could not be read ({reason}); the defaults are used; the file is kept as {kept.name}"


def write_text(path: Path, text: str, consequence: str) -> None:
    """Write a file atomically, and create its folder.

    Args:
        path: of the file.
        text: its contents.
        consequence: what a failure means for the user, e.g. ``settings are not kept``.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; {consequence}") from error
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
