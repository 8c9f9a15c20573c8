"""Recordings that a crash has cut off: saved and shown once, a problem in one line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from synth_app.ui.files.cut_off_recordings import save_cut_off_recordings
from tests.ui.conftest import Rig


def cut_off(folder: Path, name: str) -> Path:
    """Write a recording as a process that has died leaves it."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    path = folder / f".{name}.{process.pid}.recording"
    soundfile.write(path, np.full((4800, 2), 0.25), 48_000, subtype="PCM_24", format="WAV")
    return path


def test_a_recording_is_saved_and_offered_once(rig: Rig, tmp_path: Path) -> None:
    cut_off(tmp_path, "synth_app 2026-01-01 10.00.00")
    save_cut_off_recordings(rig.window, tmp_path)
    saved = tmp_path / "synth_app 2026-01-01 10.00.00 (recovered).wav"
    assert list(tmp_path.iterdir()) == [saved]
    assert rig.window.toast.isVisible()
    assert rig.window.toast.file == saved
    assert "its 0.1 s are saved" in rig.window.toast.text.text()
    rig.window.toast.hide()
    save_cut_off_recordings(rig.window, tmp_path)
    assert not rig.window.toast.isVisible()


def test_several_are_counted(rig: Rig, tmp_path: Path) -> None:
    for name in ("one", "two"):
        cut_off(tmp_path, name)
    save_cut_off_recordings(rig.window, tmp_path)
    assert "2 recordings were cut off" in rig.window.toast.text.text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one (recovered).wav", "two (recovered).wav"]
