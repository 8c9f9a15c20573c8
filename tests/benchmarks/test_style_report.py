"""The report on styles: its choices, its figures against figures by hand, and a whole small run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.benchmarks.style import StyleReport, StyleSettings, run, style_report
from synth_app.benchmarks.style.pairs import choose_contents, choose_keys, half_morph, mean_shift
from synth_app.benchmarks.style.played import LEAD_S, Player
from synth_app.benchmarks.style.report import Measured
from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_model, note_center
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.texture import TEXTURES

ROW = Measured("Flute", "rain", "live", 0.6, 0.95, 1.0, 1.0, 0.4, (0.5, 0.7, 0.35), 0.8, 0.1)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("pitched-vae-48k")


def test_a_seed_chooses_notes_of_different_families(model: Model) -> None:
    chosen = choose_contents(model, 10, 3)
    assert chosen == choose_contents(model, 10, 3)
    assert chosen != choose_contents(model, 10, 4)
    assert len({note.family for note in chosen}) == 10
    assert min(note.marks[3] for note in chosen) * model.spec.hop_seconds >= 2.8
    with pytest.raises(UserError, match="families"):
        choose_contents(model, 40, 3)


def test_other_keys_lie_within_an_octave(model: Model) -> None:
    note = choose_contents(model, 1, 0)[0]
    keys = choose_keys(note, 5, 0)
    assert len(set(keys)) == 5
    assert list(keys) == sorted(keys)
    assert all(0 < abs(key - round(note.pitch)) <= 12 for key in keys)


def test_the_baselines_are_what_they_are_called(model: Model) -> None:
    content, texture = choose_contents(model, 2, 0)
    shifted = mean_shift(content, texture)
    np.testing.assert_allclose(shifted.codes().mean(axis=0), texture.codes().mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(
        np.diff(shifted.codes(), axis=0), np.diff(content.codes(), axis=0), atol=1e-5
    )  # its movement is unchanged
    half = half_morph(model, content, texture)
    ends = [note_center(note.note())[0] for note in (content, texture)]
    between = note_center(half.note())[0]
    assert np.linalg.norm(between - 0.5 * (ends[0] + ends[1])) < 0.1 * np.linalg.norm(ends[0] - ends[1])


def test_an_unchanged_sound_keeps_everything(model: Model) -> None:
    content = choose_contents(model, 6, 0)[0]  # its pitch is found
    player = Player(model, str(find_model("pitched-vae-48k")))
    sound = player.play(content)
    heard = player.hear(sound, content.pitch)
    kept = player.kept(heard, heard)
    assert kept.onset == pytest.approx(1.0)
    assert (kept.loudness_db, kept.pitch) == (0.0, 1.0)
    louder = player.hear(sound * 2.0, content.pitch)
    assert player.kept(heard, louder).loudness_db == pytest.approx(6.02, abs=0.01)
    up = np.interp(np.arange(len(sound)) * 2.0 ** (30.0 / 1200.0), np.arange(len(sound)), sound)  # 30 cents higher
    sharp = player.kept(heard, player.hear(up.astype(np.float32), content.pitch)).pitch
    assert sharp is not None
    assert sharp < 0.2
    assert np.abs(sound[: round(LEAD_S * ENGINE_RATE) - 100]).max() < 1e-4


def test_the_summary_counts_what_passes() -> None:
    other = replace(ROW, style="fire", share=0.2, onset=0.5, loudness_db=3.0, pitch=None, half=0.3, at_keys=(0.25,))
    report = StyleReport("m", 0, (ROW, other, replace(ROW, way="half morph", half=None, at_keys=(), cost=None)), 1.5)
    found = report.summary("live")
    assert found["share_median"] == pytest.approx(0.4)
    assert found["share_lowest"] == 0.2
    assert (found["onset_pass"], found["loudness_pass"], found["pitch_pass"]) == (0.5, 0.5, 1.0)
    assert found["keys_pass"] == 0.75  # 0.35 is more than 0.2 from 0.6
    assert found["monotone_pass"] == 0.5
    assert report.summary("half morph")["monotone_pass"] is None
    assert json.loads(json.dumps(report.as_dict()))["summary"]["live"] == found
    text = report.as_text()
    assert "2 pairs, seed 0" in text
    assert "adds 1.50 us" in text
    assert "40%" in text.splitlines()[2]


def test_a_small_run_moves_texture_more_than_the_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TEXTURES", {"engine": TEXTURES["engine"]})
    done: list[tuple[int, int]] = []
    report = style_report(
        Path(find_model("pitched-vae-48k")), StyleSettings(0, 1, 1, free=True), lambda n, of: done.append((n, of))
    )
    assert done == [(1, 1)]
    assert report.ways() == ("mean shift", "half morph", "live", "rendered", "free")
    shares = {each.way: each.share for each in report.measured}
    assert shares["live"] > 0.5 > shares["mean shift"]
    live = report.measured[2]
    assert live.monotone
    assert len(live.at_keys) == 1
    assert live.step_ratio is not None
    assert live.step_ratio <= 1.5
    assert 0.0 < abs(report.engine_us) < 15.0
