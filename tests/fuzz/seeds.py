"""Valid files of every kind, small, to start mutations from. Each is made once."""

import dataclasses
import hashlib
import io
import json
import tempfile
import warnings
import zipfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import mido
import numpy as np
import soundfile
import torch

from synth_app.dataset.audio_files.text_chunk import add_text
from synth_app.dataset.nsynth import Note, make_note, write_notes
from synth_app.dataset.splits import split_by_instrument, write_split
from synth_app.decoder import Model
from synth_app.evaluation.study.measurements.results import save_result
from synth_app.modelfile import (
    KeyRange,
    Lstm,
    ModelFile,
    PitchComb,
    PitchConcat,
    save_model_file,
)
from synth_app.modelfile.correction import Correction
from synth_app.patch import Patch, UserNote
from synth_app.session.packs import PackTexts, export_pack
from synth_app.session.presets.library import FACTORY_FOLDER
from synth_app.session.presets.saved_patch import PlayedKey, describe_patch
from synth_app.session.sounds import encoded_notes
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.sounds.user_sound import Region
from synth_app.session.state.preset import Preset
from synth_app.session.trainings.plan import SavedChoice, TrainingPlan
from synth_app.support.tensor_files import save_arrays
from synth_app.training.data.shards import write_shard
from synth_app.training.families.base import FrameNet
from synth_app.training.families.dense import DenseNet
from synth_app.training.fit.checkpoint import TrainingState, save_checkpoint
from synth_app.training.fit.checkpoint import load_checkpoint as read_checkpoint
from tests.dataset.conftest import _sine_soundfont
from tests.evaluation.study.study_results import make_result
from tests.fuzz.byte_mutations import mutate_bytes
from tests.fuzz.json_mutations import mutate_json
from tests.fuzz.tensor_mutations import mutate_header, mutate_tensors, mutate_texts
from tests.modelfile.conftest import small_model
from tests.session.presets.test_saved_patch import odd_patch
from tests.session.sounds.recordings import tone, write

BINS = 33
SETTINGS = "0" * 64  # digest of a sound's settings
_FILES = Path(__file__).parents[1] / "session" / "state" / "files"


def _written(name: str, write: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def stored(name: str) -> bytes:
    """Return a stored file of the session's package, with every field."""
    return (_FILES / f"{name}.json").read_bytes()


def model_file() -> ModelFile:
    """Return a small model with two notes."""
    return small_model()


@cache
def models() -> tuple[bytes, ...]:
    """A model of dense layers, and a pitch-conditioned one with a recurrent layer."""
    plain = small_model()
    rng, keys, latent = np.random.default_rng(1), 3, plain.card.latent_size
    shapes = {
        "t": (keys, 2), "l.w": (16, latent + 2), "l.u": (16, 4), "l.b": (16,), "o.w": (BINS, 4), "o.b": (BINS,),
        "o.c": (4, 4), "o.p": (2, BINS), "o.k": (keys, 2, BINS),
    }  # fmt: skip
    tensors = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    decoder = (
        PitchConcat(table="t"),
        Lstm(weight="l.w", recurrent="l.u", bias="l.b"),
        PitchComb(weight="o.w", bias="o.b", coefficients="o.c", bumps="o.p", combs="o.k"),
    )
    card = plain.card.model_copy(update={"decoder": decoder, "key_range": KeyRange(lowest=60, highest=62)})
    pitched = dataclasses.replace(plain, card=card, tensors={**plain.tensors, **tensors})
    with_map = dataclasses.replace(plain, map_positions=np.zeros((2, 2), np.float32))
    return tuple(
        _written("m.safetensors", lambda path, m=model: save_model_file(path, m))
        for model in (plain, pitched, with_map)
    )


@cache
def presets() -> tuple[bytes, ...]:
    """A preset with every field, and some that ship."""
    return (stored("preset"), *(path.read_bytes() for path in sorted(FACTORY_FOLDER.glob("*.json"))[::20]))


def _with_patch(kind: str, text: str) -> bytes:
    def fill(path: Path) -> None:
        soundfile.write(path, np.zeros(100), 16_000, format=kind)
        add_text(path, text)

    return _written("a", fill)


@cache
def audio_with_patches() -> tuple[bytes, ...]:
    """WAV files with a patch with every field, and with a render's; and a FLAC file."""
    model = Model(model_file())
    key = PlayedKey(note=60, velocity=100, seconds=1.0, tail_seconds=1.0, ring_out=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        path.write_bytes(models()[0])
        odd = describe_patch(odd_patch(model, path), model, "odd")
        plain = describe_patch(Patch(str(path)), model, "x", key)
    return _with_patch("WAV", odd), _with_patch("WAV", plain), _with_patch("FLAC", plain)


@cache
def sound() -> dict[str, bytes]:
    """A sound of the library with all settings: its description and its recording, by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "tone-060-100.wav", tone(60.0, seconds=0.2))
        library = SoundLibrary(Path(folder) / "sounds")
        entry = library.add("Tone", [NewRecording(path)])
        region = Region(start_s=0.05, end_s=0.15)
        edits = {"trim": region, "loop": region, "gain_db": -3.0, "fade_in_s": 0.01, "fade_out_s": 0.01}
        changed = entry.sound.recordings[0].model_copy(update=edits)
        library.change(entry.key, entry.sound.model_copy(update={"recordings": (changed,)}))
        return {each.name: each.read_bytes() for each in entry.folder.iterdir()}


@cache
def sound_notes() -> tuple[bytes, ...]:
    """The encoded notes of a sound, with corrections."""
    correction = Correction.of(np.ones((2, BINS)), np.ones((1, Correction.KNOTS)))
    bank = tuple(dataclasses.replace(each, correction=correction) for each in model_file().bank)
    notes = tuple(map(UserNote.of, bank))
    return (_written("n.safetensors", lambda path: encoded_notes.write_notes(path, notes, SETTINGS)),)


def note(pitch: int, velocity: int) -> Note:
    """Return a note of one instrument."""
    return make_note(note=0, instrument=0, family="organ", source="synthetic", index=0, pitch=pitch,
                     velocity=velocity, sample_rate=8000)  # fmt: skip


@cache
def _notes() -> tuple[Note, ...]:
    return tuple(
        make_note(note=i, instrument=i // 2, family="organ", source="synthetic", index=i // 2, pitch=60 + i % 2,
                  velocity=100, sample_rate=8000) for i in range(20)
    )  # fmt: skip


@cache
def splits() -> tuple[bytes, ...]:
    """A split by instrument."""
    return (_written("split.json", lambda path: write_split(path, split_by_instrument(_notes(), seed=1))),)


@cache
def examples() -> tuple[bytes, ...]:
    """The description of three notes."""
    return (_written("examples.json", lambda path: write_notes(path.parent, _notes()[:3])),)


def render_settings() -> tuple[bytes, ...]:
    """The record of a stopped rendering, and of a complete one with its instruments."""
    claimed = {"kind": "test", "settings": {"rate": 8000}, "complete": False, "command": "command"}
    names = [{"instrument_str": "organ_synthetic_000", "preset": "Organ", "notes": 1}]
    done = {**claimed, "complete": True, "notes": 1, "dropped_silent": 0, "instruments": names}
    held = {**done, "settings": {"rate": 8000, "hold_s": 3.0}}
    return tuple(json.dumps(each).encode() for each in (claimed, done, held))


def render_record() -> tuple[bytes, ...]:
    """The record of one rendered program."""
    return (json.dumps({"notes": [[60, 100], [64, 100]], "dropped_silent": 1, "preset": "Organ"}).encode(),)


@cache
def results() -> tuple[bytes, ...]:
    """The result of a cell."""
    return (_written("pca-4-note-0.json", lambda path: save_result(path.parent, make_result("pca", 4))),)


def about() -> tuple[bytes, ...]:
    """The description of a report."""
    return (json.dumps({"data": "d", "provenance": "p", "pairs": ["a and b"], "interpolated": 16}).encode(),)


def ceilings() -> tuple[bytes, ...]:
    """The scores of the notes' own frames."""
    return (json.dumps({"note": [{"phases": "griffinlim", "psm": [0.9, 0.8], "psm_t": [0.8, 0.7]}]}).encode(),)


def ablation() -> tuple[bytes, ...]:
    """Rows of an ablation."""
    row = {"ablation": "none", "settings": {"family": "vae"}, "best_epoch": 1, "scores": {"a": {"rmse_db": 1.0}}}
    return (json.dumps([row, row]).encode(),)


@cache
def shard() -> dict[str, bytes]:
    """A shard of a frame cache and its numbers, by name."""
    rng = np.random.default_rng(0)
    units = [rng.uniform(-1, 1, (n, BINS)).astype(np.float16) for n in (3, 0, 5)]
    with tempfile.TemporaryDirectory() as folder:
        write_shard(Path(folder) / "shard.npy", units)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@cache
def caches() -> tuple[bytes, ...]:
    """Arrays with their checksum."""
    arrays = {"mean": np.zeros(4, np.float32), "frames": np.array([7])}
    return (_written("c.safetensors", lambda path: save_arrays(path, arrays)),)


def compile_targets() -> tuple[bytes, ...]:
    """The properties of a processor."""
    return (json.dumps({"name": "haswell", "features": "", "float_lanes": 8, "half_precision": True}).encode(),)


def _net() -> tuple[FrameNet, torch.optim.Adam]:
    torch.manual_seed(0)
    net = DenseNet(BINS, 2, (4,))
    return net, torch.optim.Adam(net.parameters())


@cache
def checkpoints() -> tuple[bytes, ...]:
    """A checkpoint after one step."""
    net, optimizer = _net()
    torch.stack([(parameter**2).sum() for parameter in net.parameters()]).sum().backward()  # type: ignore[no-untyped-call]  # torch does not type it
    optimizer.step()
    best = dict(net.state_dict())
    return (_written("c.safetensors", lambda path: save_checkpoint(path, TrainingState(1), net, optimizer, best)),)


def load_checkpoint(path: Path) -> None:
    """Load a checkpoint into a new network."""
    read_checkpoint(path, *_net())


def mutate_checkpoint(data: bytes, random: Random) -> bytes:
    """Mutate the state, a tensor or the header."""
    match random.randrange(3):
        case 0:
            return mutate_texts(data, random, digest_of=(), keys=("synth_app.training",))
        case 1:
            return mutate_tensors(data, random, digest_of=())
        case _:
            return mutate_header(data, random)


@cache
def audio() -> tuple[bytes, ...]:
    """A tone in the containers and codecs that libsndfile writes."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2000) / 16_000)
    found = []
    for name in ("WAV", "AIFF", "FLAC", "OGG", "MP3", "AU", "CAF", "W64", "RF64", "NIST", "VOC", "AVR", "PAF", "SVX"):
        out = io.BytesIO()
        soundfile.write(out, tone, 16_000, format=name)
        found.append(out.getvalue())
    for subtype in ("FLOAT", "MS_ADPCM", "GSM610", "ULAW", "PCM_24"):
        out = io.BytesIO()
        soundfile.write(out, tone, 16_000, format="WAV", subtype=subtype)
        found.append(out.getvalue())
    return tuple(found)


@cache
def midi_files() -> tuple[bytes, ...]:
    """Files of type 0 and 1 with notes, tempo, controllers, system-exclusive and meta events."""
    found = []
    for kind in (0, 1):
        file = mido.MidiFile(type=kind, ticks_per_beat=96)
        for channel in range(kind + 1):
            track = mido.MidiTrack([
                mido.MetaMessage("set_tempo", tempo=500_000), mido.MetaMessage("key_signature", key="C"),
                mido.MetaMessage("track_name", name="a"), mido.Message("sysex", data=(1, 2, 3)),
                mido.Message("note_on", channel=channel, note=60, velocity=100, time=0),
                mido.Message("control_change", channel=channel, control=64, value=127, time=10),
                mido.Message("pitchwheel", channel=channel, pitch=100, time=10),
                mido.Message("note_off", channel=channel, note=60, time=96),
            ])  # fmt: skip
            file.tracks.append(track)
        out = io.BytesIO()
        file.save(file=out)
        found.append(out.getvalue())
    return tuple(found)


@cache
def soundfonts() -> tuple[bytes, ...]:
    """A font with one sample."""
    return (_sine_soundfont([(0, 0, "Grand"), (0, 40, "Violin"), (128, 0, "Drums")]),)


@cache
def plans() -> tuple[bytes, ...]:
    """The plan of a training with every field."""
    choices = (
        SavedChoice(path="a-060-100.wav", key=60, start_s=0.5, gain_db=3.0),
        SavedChoice(path="b", leave_out=True),
    )
    plan = TrainingPlan(
        name="Tones", model="tones", source="/recordings", licence="CC0", start="/models/m.safetensors", epochs=12,
        choices=choices, verdict="It is ready to play.",
    )  # fmt: skip
    return (plan.model_dump_json().encode(),)


@cache
def packs() -> tuple[bytes, ...]:
    """A pack with a model, a sound and a preset."""

    def fill(path: Path) -> None:
        folder = path.parent
        model, wave = folder / "small.safetensors", folder / "tone-060-100.wav"
        model.write_bytes(models()[0])
        entry = SoundLibrary(folder / "sounds").add("Tone", [NewRecording(write(wave, tone(60.0, seconds=0.2)))])
        texts = PackTexts("Tones", "Ann", "CC0", "Three tones.")
        export_pack(path, texts, models=[model], sounds=[entry], presets=[Preset.model_validate_json(presets()[0])])

    return (_written("p.synthpack", fill),)


def mutate_pack(data: bytes, random: Random) -> bytes:
    """Mutate one file of a pack, its name, or how it is stored; mostly the manifest then lists what is there."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("pack.json"))
    name = random.choice(sorted(files))
    match random.randrange(6):
        case 0:
            files[random.choice(_ODD_PATHS)] = files.pop(name)
        case 1:
            files[random.choice(_ODD_PATHS)] = files[name]
        case 2:
            files[name] = mutate_bytes(files[name], random)
        case 3:
            files[name] = b"" if random.random() < 0.5 else bytes(2**20)
        case _ if name.endswith(".json"):
            files[name] = mutate_json(files[name].decode(), random)
        case _ if name.endswith(".safetensors"):
            files[name] = mutate_tensors(files[name], random, digest_of=("synth_app.card", "synth_app.bank"))
        case _:
            del files[name]
    if random.random() < 0.9:
        manifest["files"] = [
            {"path": each, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for each, content in files.items()
        ]
    text = json.dumps(manifest).encode() if random.random() < 0.8 else mutate_json(json.dumps(manifest), random)
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if random.random() < 0.9 else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there twice
        for each, content in {"pack.json": text, **files}.items():
            archive.writestr(each, content)
        if random.random() < 0.1:
            archive.writestr(random.choice((name, "pack.json")), b"again")
    return out.getvalue()


_ODD_PATHS = (
    "../outside.json", "/tmp/outside.json", "presets/../../outside.json", "presets\\outside.json", "presets/x.py",
    "presets/\x00.json", "models/.safetensors", "models/x.pkl", "sounds/x/sound.json", "sounds/x/0.flac",
    "presets/con.json", "presets/X.json", "C:/outside.json", "presets/" + "x" * 300 + ".json", "sounds/../sound.json",
)  # fmt: skip
