"""Arrays cached on disk: bit-identical, computed once, and again if the file is damaged."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.support import disk_cache as module
from synth_app.support.disk_cache import cached_on_disk
from synth_app.support.tensor_files import save_arrays

made: list[tuple[int, float]] = []


@cached_on_disk
def ramp(count: int, slope: float = 1.0) -> NDArray[np.float32]:
    """A function whose results are cached."""
    made.append((count, slope))
    return (slope * np.arange(count)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the folder of the compiled kernels."""
    made.clear()
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_a_result_is_computed_once_for_the_same_arguments(folder: Path) -> None:
    first, second, other = ramp(5, slope=0.1), ramp(5, slope=0.1), ramp(5, slope=0.3)
    assert made == [(5, 0.1), (5, 0.3)]
    assert first.tobytes() == second.tobytes() != other.tobytes()
    assert first.dtype == second.dtype == np.float32


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"nonsense" * 40])
def test_a_damaged_file_is_written_again(folder: Path, content: bytes) -> None:
    whole = ramp(7)
    (file,) = folder.rglob("*.safetensors")
    file.write_bytes(content)
    assert ramp(7).tobytes() == whole.tobytes()
    assert ramp(7).tobytes() == whole.tobytes()
    assert len(made) == 2


def test_a_truncated_file_or_another_type_is_written_again(folder: Path) -> None:
    whole = ramp(7)
    (file,) = folder.rglob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-3])
    assert ramp(7).tobytes() == whole.tobytes()
    save_arrays(file, {"result": np.arange(7)})
    assert ramp(7).tobytes() == whole.tobytes()
    assert len(made) == 3


def test_without_a_folder_a_result_is_computed_every_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "none").touch()
    monkeypatch.setattr(module, "cache_folder", lambda: folder / "none" / "here")
    assert ramp(3).tobytes() == ramp(3).tobytes()
    assert len(made) == 2
    assert list(folder.iterdir()) == [folder / "none"]


def test_missing_folders_are_created(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "cache_folder", lambda: folder / "kernels" / "sources")
    ramp(3)
    ramp(3)
    assert made == [(3, 1.0)]
