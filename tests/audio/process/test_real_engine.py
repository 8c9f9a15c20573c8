"""The real engine through the audio process and a device: the output equals the offline render."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.audio import DeviceSettings, DeviceState, ModelLoaded
from synth_app.audio.protocol.telemetry import Telemetry
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.tiny_model import tiny_model
from synth_app.modelfile import ModelFile, save_model_file
from synth_app.patch import Automation, AutomationCurve, Event, NoteOff, NoteOn, Patch, SetPatch
from tests.audio.conftest import Probe, succeeds_once_in_three_runs, wait_until
from tests.audio.null_sink import NullSink

_HELD, _RELEASED = 12_000, 9_600  # samples


def small_model() -> ModelFile:
    """Return the warm-up model with longer frames, so that a busy machine keeps up."""
    tiny = tiny_model()
    spec = tiny.card.spec.model_copy(update={"n_fft": 1024, "hop_length": 256})
    rng = np.random.default_rng(3)
    bins, latent = 513, tiny.card.latent_size
    tensors = {
        "enc.w": rng.standard_normal((latent, bins)).astype(np.float32),
        "enc.b": np.zeros(latent, np.float32),
        "dec.w": (0.1 * rng.standard_normal((bins, latent))).astype(np.float32),
        "dec.b": np.linspace(0.5, -0.9, bins, dtype=np.float32),
    }
    return replace(tiny, card=tiny.card.model_copy(update={"spec": spec}), tensors=tensors)


@pytest.mark.device
@succeeds_once_in_three_runs
def test_the_device_gets_what_the_engine_renders_offline(null_sink: NullSink, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, small_model())
    moves = Automation(
        (AutomationCurve.of("morph", np.linspace(0, 1, 13)), AutomationCurve.of("gain_db", np.linspace(0, -0.2, 13)))
    )
    patch = Patch(str(path), slot_b=1, automation=moves)
    probe = Probe(engine="tests.audio.steady_engine")
    try:
        probe.client.start(DeviceSettings(block=256))
        probe.client.send(SetPatch(patch))
        probe.wait_for(ModelLoaded, seconds=170)
        state = probe.wait_for(DeviceState)
        assert state.running, state.problem
        telemetry = probe.client.telemetry
        with null_sink.recording() as recording:
            probe.client.send(NoteOn(60, 90))
            probe.wait_sound()
            _wait_for_samples(telemetry, _HELD)
            probe.client.send(NoteOff(60))
            _wait_for_samples(telemetry, _RELEASED)
            recording.go_on(0.1)
        frames, end, lost = telemetry.read_since(0)
        blocks, _, lost_blocks = telemetry.blocks_since(0)
    finally:
        probe.client.close()
    assert lost_blocks == 0
    # engine clock of each message, as the player recorded it: the blocks depend on the device and on the load
    applied = np.unique(blocks["applied"])
    installed, pressed, released = map(int, applied[applied >= 0])
    engine = Engine()
    silence = render_events(engine, [], installed)
    engine.install(prepare_instrument(str(path)), patch)
    events = [Event(pressed, NoteOn(60, 90)), Event(released, NoteOff(60))]
    offline = np.concatenate([silence, render_events(engine, events, end - installed)])[lost:]
    assert offline.any()
    assert np.array_equal(frames, offline)
    samples = recording.samples()
    start = int(np.flatnonzero(samples.any(axis=1))[0])
    onset = int(np.flatnonzero(frames.any(axis=1))[0])
    assert np.array_equal(samples[start : start + _HELD], offline[onset : onset + _HELD])


def _wait_for_samples(telemetry: Telemetry, samples: int) -> None:
    """Wait until so many more samples are rendered. On a busy machine that takes longer than they sound."""
    end = telemetry.written + samples
    wait_until(lambda: telemetry.written >= end, seconds=20)
