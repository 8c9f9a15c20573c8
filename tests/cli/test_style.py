"""`synth-app style` and `synth-app style-report`."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.benchmarks.style import StyleReport, StyleSettings
from synth_app.texture import synthesize_texture
from tests.cli.conftest import Command

MODEL = Path(__file__).parents[2] / "models" / "pitched-vae-48k.safetensors"
NOTE = "brass_acoustic_001-060-100"


def test_a_note_is_written_with_a_texture(synth: Command, tmp_path: Path) -> None:
    arguments = ("style", NOTE, "engine", "--model", MODEL, "--way", "live", "--seconds", 1)
    done = synth(*arguments, "--out", tmp_path / "full.wav")
    assert (done.status, done.err) == (0, "")
    assert "Trombone with 100% of the texture of engine" in done.out
    assert "slot A: Trombone + engine" in synth("info", tmp_path / "full.wav").out
    synth(*arguments, "--amount", 0, "--out", tmp_path / "none.wav")
    synth(*arguments, "--note", 67, "--out", tmp_path / "fifth.wav")
    full, none, fifth = (soundfile.read(tmp_path / f"{name}.wav")[0][:48_000, 0] for name in ("full", "none", "fifth"))
    assert not np.array_equal(full, none)
    blocks = [np.abs(each[9600:]).reshape(-1, 480).mean(axis=1) for each in (full, none)]
    roughness = [float(np.std(np.diff(np.log(each + 1e-4)))) for each in blocks]
    assert roughness[0] > 2.0 * roughness[1]
    spectrum = np.abs(np.fft.rfft(fifth))
    assert spectrum[380:404].max() > 5.0 * spectrum[250:274].max()  # 392 Hz and not 262 Hz


def test_files_can_be_content_and_style(synth: Command, tmp_path: Path) -> None:
    t = np.arange(72_000) / 48_000
    tone = np.sum([np.sin(2.0 * np.pi * 220.0 * k * t) / k for k in range(1, 20)], axis=0) * 0.2
    soundfile.write(tmp_path / "tone.wav", tone * np.minimum(1.0, 20.0 * t), 48_000)
    soundfile.write(tmp_path / "shower.flac", synthesize_texture("rain", 1.5, 44_100, 5), 44_100)
    out = tmp_path / "both.wav"
    done = synth("style", tmp_path / "tone.wav", tmp_path / "shower.flac", "--model", MODEL, "--seconds", 1,
                 "--amount", 0.8, "--out", out)  # fmt: skip
    assert (done.status, done.err) == (0, "")
    assert "tone with 80% of the texture" in done.out
    assert soundfile.info(out).frames >= 48_000
    bank = synth("style", NOTE, "flute_acoustic_007-072", "--model", MODEL, "--way", "live", "--seconds", 0.5,
                 "--out", out)  # fmt: skip
    assert bank.status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no such note", "rain"), "no note"),
        ((NOTE, "snow"), "no note 'snow'"),
        ((NOTE, "snow"), "textures: rain, wind"),
        ((NOTE, "rain", "--amount", 1.5), "outside 0"),
        ((NOTE, "rain", "--way", "magic"), "live, rendered"),
        ((NOTE, "absent.wav"), "absent.wav"),
        ((NOTE, "rain", "--amount", "much"), "see synth-app style --help"),
    ],
)
def test_errors_name_what_is_wrong(synth: Command, tmp_path: Path, arguments: tuple[object, ...], said: str) -> None:
    out = tmp_path / "out.wav"
    done = synth("style", *arguments, "--model", MODEL, "--out", out)
    assert done.status == 2
    assert said in done.err
    assert not out.exists()


def test_the_report_is_printed_as_text_or_json(synth: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[StyleSettings] = []

    def measure(path: Path, settings: StyleSettings, progress: object) -> StyleReport:
        asked.append(settings)
        from tests.benchmarks.test_style_report import ROW

        return StyleReport(path.stem, settings.seed, (ROW,), 2.5)

    monkeypatch.setattr("synth_app.benchmarks.style.style_report", measure)
    text = synth("style-report", "--model", MODEL, "--contents", 2, "--keys", 1, "--no-free", "--seed", 4)
    assert asked == [StyleSettings(4, 2, 1, free=False)]
    assert "pitched-vae-48k: 1 pairs, seed 4" in text.out
    found = json.loads(synth("style-report", "--model", MODEL, "--json").out)
    assert found["measured"][0]["share"] == 0.6
