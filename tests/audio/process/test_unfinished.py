"""A recording that a crash has cut off is a complete file after the next start, with every sample that was written."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.audio.process.recorder import Recorder
from synth_app.audio.process.unfinished import find_unfinished, finish_recording, unfinished_path
from synth_app.audio.protocol.telemetry import Telemetry
from synth_app.support.errors import UserError

_CRASH = """
import os, signal, sys, time
import numpy as np
from pathlib import Path
from synth_app.audio.process.recorder import Recorder
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter
telemetry = Telemetry()
writer = TelemetryWriter(telemetry.name)
recorder = Recorder(telemetry)
recorder.start(Path(sys.argv[1]), int(sys.argv[2]))
writer.write_frames(np.load(sys.argv[3]))
while recorder.seconds == 0:
    time.sleep(0.01)
telemetry.close()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("bits", "step"), [(24, 2.0**-23), (32, 0.0)])
def test_the_recording_of_a_killed_process_is_finished(tmp_path: Path, bits: int, step: float) -> None:
    played = np.random.default_rng(1).uniform(-0.9, 0.9, (20_000, 2)).astype(np.float32)
    np.save(tmp_path / "played.npy", played)
    folder = tmp_path / "Müsik"
    folder.mkdir()
    command = [sys.executable, "-c", _CRASH, str(folder / "take 1.2.wav"), str(bits), str(tmp_path / "played.npy")]
    assert subprocess.run(command, check=False).returncode == -9
    (unfinished,) = find_unfinished(folder)
    result = finish_recording(unfinished)
    assert result is not None
    path, seconds = result
    assert path == folder / "take 1.2 (recovered).wav"
    assert seconds == pytest.approx(20_000 / 48_000)
    audio, rate = soundfile.read(path, dtype="float32")
    assert rate == 48_000
    assert np.abs(audio - played).max() <= step
    assert list(folder.iterdir()) == [path]


def test_a_recording_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    telemetry = Telemetry()
    recorder = Recorder(telemetry)
    recorder.start(tmp_path / "take.wav")
    try:
        assert unfinished_path(tmp_path / "take.wav").is_file()
        assert find_unfinished(tmp_path) == []
    finally:
        recorder.discard()
        telemetry.close()
    assert find_unfinished(tmp_path / "nowhere") == []


def test_another_process_may_have_the_number_after_a_restart(tmp_path: Path) -> None:
    cut = tmp_path / f".take.{os.getpid()}.recording"
    soundfile.write(cut, np.full((100, 2), 0.5), 48_000, subtype="PCM_24", format="WAV")
    assert find_unfinished(tmp_path) == [cut]


@pytest.mark.parametrize("kept", [0, 12, 36])
def test_samples_whose_header_is_lost_are_kept_and_named(tmp_path: Path, kept: int) -> None:
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, np.full((4800, 2), 0.5), 48_000, subtype="PCM_24")
    content = whole.read_bytes()
    cut = tmp_path / f".take.{_dead_pid()}.recording"
    cut.write_bytes(content[:kept] + bytes(4096 - kept) + content[4096:])  # the first block never reached the disk
    with pytest.raises(
        UserError, match=r"the file is kept as .*take \(without header\)\.raw: an audio editor can import"
    ):
        finish_recording(cut)
    assert (tmp_path / "take (without header).raw").read_bytes()[4096:] == content[4096:]
    assert find_unfinished(tmp_path) == [], "told once"


def test_a_half_frame_at_the_end_is_cut_and_other_files_keep_their_names(tmp_path: Path) -> None:
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, np.full((100, 2), 0.5), 48_000, subtype="PCM_24")
    (tmp_path / "take (recovered).wav").write_bytes(b"an earlier one")
    cut = tmp_path / f".take.{_dead_pid()}.recording"
    cut.write_bytes(whole.read_bytes()[:-302])  # 50 frames and 2 bytes less
    result = finish_recording(cut)
    assert result is not None
    assert result[0] == tmp_path / "take (recovered) 2.wav"
    assert len(soundfile.read(result[0])[0]) == 49
    assert (tmp_path / "take (recovered).wav").read_bytes() == b"an earlier one"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a recording at all"])
def test_a_file_without_samples_is_removed(tmp_path: Path, content: bytes) -> None:
    cut = tmp_path / f".take.{_dead_pid()}.recording"
    cut.write_bytes(content)
    assert find_unfinished(tmp_path) == [cut]
    assert finish_recording(cut) is None
    assert list(tmp_path.iterdir()) == []


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert process.pid != os.getpid()
    return process.pid
