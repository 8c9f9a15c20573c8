"""The real engine through the audio process and a device: the output equals the offline render."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.audio import DeviceSettings, DeviceState, ModelLoaded
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.tiny_model import tiny_model
from synth_app.modelfile import ModelFile, save_model_file
from synth_app.patch import Automation, AutomationCurve, Event, NoteOff, NoteOn, Patch, SetPatch
from tests.audio.conftest import Probe, succeeds_once_in_three_runs
from tests.audio.null_sink import NullSink


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
        time.sleep(0.6)  # the automation changes the gain from the first sample on; its start no longer matters then
        with null_sink.recording() as recording:
            probe.client.send(NoteOn(60, 90))
            probe.wait_sound()
            time.sleep(0.4)
            probe.client.send(NoteOff(60))
            time.sleep(0.3)
        telemetry = probe.client.telemetry
        frames, _, lost = telemetry.read_since(0)
        assert lost == 0, "the start took so long that the ring forgot it"
        clocks = telemetry.blocks_since(0)[0]["clock"]
    finally:
        probe.client.close()
    onset = int(np.flatnonzero(frames.any(axis=1))[0])
    pressed = int(clocks[clocks <= onset][-1])
    engine = Engine()
    engine.install(prepare_instrument(str(path)), patch)
    held = 12_000  # both are longer
    offline = render_events(engine, [Event(pressed, NoteOn(60, 90))], pressed + held)
    assert offline[pressed:].any()
    assert np.array_equal(frames[: pressed + held], offline)
    heard = recording.samples()
    start = int(np.flatnonzero(heard.any(axis=1))[0])
    assert np.array_equal(heard[start : start + held - 1000], offline[onset : onset + held - 1000])
