"""The synthesised folder: NSynth's layout, the same files from the same seed, and refused settings."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.check import check_dataset
from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.dataset.synthesis import render_synthesis
from synth_app.dataset.synthesis.patch import random_patch
from synth_app.support.errors import UserError

render_two = partial(render_synthesis, instruments=2, seed=3, jobs=1)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("synthesised")
    render_two(parent / "notes", rates=(48_000, 16_000))
    return parent


def files_of(parent: Path) -> dict[str, bytes]:
    return {path.relative_to(parent).as_posix(): path.read_bytes() for path in parent.rglob("*") if path.is_file()}


def test_every_rate_holds_the_same_notes_in_nsynths_layout(rendered: Path) -> None:
    played = []
    for rate in (48_000, 16_000):
        folder = rendered / f"notes-{rate // 1000}k"
        report = check_dataset(folder)
        assert (report.findings, report.instruments, report.sample_rates) == ((), 2, (rate,))
        notes = read_notes(folder)
        peaks: dict[str, float] = {}
        for note in notes:
            samples, _ = read_audio(folder, note)
            assert samples.shape == (4 * rate,)
            peaks[note.instrument_str] = max(peaks.get(note.instrument_str, 0.0), float(np.abs(samples).max()))
        assert 20 * np.log10(list(peaks.values())) == pytest.approx(-3.0, abs=0.01 if rate == 48_000 else 4.0)
        played.append([(note.note, note.note_str) for note in notes])
        source = json.loads((folder / "source.json").read_text())
        assert (source["kind"], source["settings"]["seed"], source["notes"]) == ("synthesis", 3, len(notes))
    assert played[0] == played[1]
    wanted = {(1000 + i, key, v) for i in (0, 1) for p in [random_patch(3, i)] for key in p.keys for v in p.velocities}
    assert {(note.instrument, note.pitch, note.velocity) for note in notes} == wanted
    assert all(note.instrument_str.endswith("_synthetic_500") for note in notes)


def test_a_stopped_render_continues_to_the_same_files(rendered: Path, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_two(tmp_path / "notes-16k", rates=(16_000,), progress=stop)
    assert not (tmp_path / "notes-16k" / "examples.json").exists()
    seen: list[int] = []
    render_two(tmp_path / "notes-16k", rates=(16_000,), progress=lambda done, _total: seen.append(done))
    assert seen[0] >= 1, "the finished instrument was forgotten"
    assert files_of(tmp_path / "notes-16k") == files_of(rendered / "notes-16k")


def test_other_settings_and_bad_ones_are_refused(rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="other settings"):
        render_two(rendered / "notes-16k", rates=(16_000,), seed=4)
    for change, message in [
        ({"rates": (96_000,)}, "96000 Hz"),
        ({"rates": ()}, "at least one"),
        ({"instruments": 0}, "0 instruments"),
        ({"seed": -1}, "seed -1"),
        ({"jobs": 0}, "jobs"),
    ]:
        with pytest.raises(UserError, match=message):
            render_synthesis(tmp_path / "out", **change)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()
