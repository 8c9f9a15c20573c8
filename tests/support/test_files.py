"""Atomic files: all or nothing, on the disk when they have their name, and one line that says why not."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.audio_io import write_wav16
from synth_app.export.flac import write_flac
from synth_app.export.wav import write_wav
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path, reason
from synth_app.support.sound_writer import sound_stream

_LIMIT = 100_000
_SAMPLES = np.random.default_rng(0).uniform(-0.5, 0.5, 200_000).astype(np.float32)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """A limit of every file's size: longer files fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _library_that_does_not_say_why(path: Path) -> None:
    try:
        path.write_bytes(bytes(2 * _LIMIT))
    except OSError:
        raise RuntimeError("System error.") from None


def _sound_by_name(path: Path) -> None:
    soundfile.write(path, _SAMPLES, 48_000, format="WAV")


WRITERS: list[Callable[[Path], object]] = [
    lambda path: path.write_bytes(bytes(2 * _LIMIT)),
    _library_that_does_not_say_why,
    _sound_by_name,
    lambda path: write_wav(path, (_SAMPLES[:, np.newaxis],), 48_000, 24),
    lambda path: write_flac(path, (_SAMPLES[:, np.newaxis],), 48_000, 24),
]


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_is_told_in_one_line_and_the_old_file_stays(
    tmp_path: Path, write: Callable[[Path], object], capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(b"precious")
    with pytest.raises(UserError, match="files of this size are not allowed there; choose another disk") as caught:
        _write_atomically(path, write)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path], "no half file stays"
    assert capfd.readouterr() == ("", ""), "libraries print nothing"


def _write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    with atomic_path(path) as temporary:
        write(temporary)


@pytest.mark.usefixtures("small_disk")
def test_a_note_of_a_data_set_on_a_full_disk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="files of this size"):
        write_wav16(tmp_path / "note.wav", _SAMPLES, 48_000)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_other_errors_inside_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "x"):
        raise ZeroDivisionError
    with pytest.raises(UserError, match="mine"), atomic_path(tmp_path / "x"):
        raise UserError("mine")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_synced_before_it_gets_its_name_and_the_folder_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def record_fsync(handle: int) -> None:
        is_folder = Path(f"/proc/self/fd/{handle}").is_dir()
        events.append("folder" if is_folder else "file")
        fsync(handle)

    def record_replace(self: Path, target: Path) -> Path:
        events.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(Path, "replace", record_replace)
    with atomic_path(tmp_path / "x") as temporary:
        temporary.write_text("new")
    assert events == ["file", "rename", "folder"]
    events.clear()
    with atomic_path(tmp_path / "x", durable=False) as temporary:
        temporary.write_text("newer")
    assert events == ["rename"]
    assert (tmp_path / "x").read_text() == "newer"


def test_a_full_disk_and_a_used_up_quota_are_named() -> None:
    assert reason(OSError(errno.ENOSPC, "No space left on device")).startswith("the disk is full; free some space")
    assert reason(OSError(errno.EDQUOT, "Disk quota exceeded")).startswith("your disk quota is used up")
    assert reason(OSError(errno.EACCES, "Permission denied")) == "Permission denied"


def test_a_stream_gives_the_sound_library_what_a_file_gives(tmp_path: Path) -> None:
    by_name, by_stream = tmp_path / "a.wav", tmp_path / "b.wav"
    soundfile.write(by_name, _SAMPLES, 48_000, format="WAV")
    with sound_stream(by_stream) as stream:
        soundfile.write(stream, _SAMPLES, 48_000, format="WAV")
    assert by_stream.read_bytes() == by_name.read_bytes()


@pytest.mark.parametrize(
    "name", ["a" * 255, "\u00e4" * 125 + ".wav", "a." + "b" * 250, b"\xff".decode(errors="surrogateescape") + "a" * 250]
)
def test_the_longest_names_are_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        assert len(os.fsencode(temporary.name)) <= 170
        assert path.suffix != ".wav" or temporary.suffix == ".wav"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
