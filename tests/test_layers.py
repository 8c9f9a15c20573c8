"""Layers: what a package loads when it is imported."""

import subprocess
import sys

import pytest

QT = {"PySide6"}
HEAVY = {"torch", "librosa", "scipy", "numba", "soxr", "soundfile", "fluidsynth", "sounddevice"}

FORBIDDEN = {
    "synth_app": QT | HEAVY | {"numpy"},
    "synth_app.params": QT | HEAVY,
    "synth_app.spectrum": QT | HEAVY,
    "synth_app.modelfile": QT | HEAVY,
    "synth_app.decoder": QT | HEAVY,
    "synth_app.dataset": QT | {"torch", "sounddevice", "numba", "librosa", "fluidsynth"},
    "synth_app.phase": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.effects.chain": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.engine": QT | HEAVY,
    "synth_app.engine.engine": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.training": QT | {"torch", "sounddevice", "librosa", "numba"},
    "synth_app.evaluation": QT | {"torch", "sounddevice", "librosa"},
    "synth_app.session": QT | HEAVY,
    "synth_app.export": QT | HEAVY,
    "synth_app.audio.client.audio_client": QT | (HEAVY - {"soundfile"}),
    "synth_app.audio.process.main": QT | {"torch", "librosa"},
    "synth_app.ui": HEAVY,
    "synth_app.app": HEAVY | {"pyqtgraph"},  # imported when the first graph opens
    "synth_app.cli": QT | HEAVY,
}


@pytest.mark.parametrize("module", FORBIDDEN)
def test_layer_loads_only_its_own(module: str) -> None:
    code = f"import {module}, sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "synth_app" in loaded
    assert not loaded & FORBIDDEN[module]
