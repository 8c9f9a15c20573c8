"""The loaders under test: for each the files to start from, how to mutate them, and how the program reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random

import numpy as np

from synth_app.dataset import render_folder
from synth_app.dataset.audio_files.text_chunk import NAME
from synth_app.dataset.audio_io import decode_audio_file
from synth_app.dataset.nsynth import read_notes
from synth_app.dataset.soundfont_info import read_soundfont_info
from synth_app.dataset.splits import read_split
from synth_app.decoder import Model
from synth_app.evaluation.reports.ablation import _read_rows
from synth_app.evaluation.study.measurements.results import load_result
from synth_app.evaluation.study.run import _read_about, _read_ceilings
from synth_app.midi.file import read_midi_file
from synth_app.modelfile import ModelEntry, find_note, load_model_file, read_bank_names, read_card
from synth_app.session.packs import Libraries, checked_pack, import_pack
from synth_app.session.presets.library import PresetLibrary, Query
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.presets.saved_patch import read_saved_patch, restore_patch
from synth_app.session.sounds import encoded_notes
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.preset import read_preset, write_preset
from synth_app.session.state.saved_midi import load_midi
from synth_app.session.state.session_file import load_session, save_session
from synth_app.session.state.user_settings import load_settings
from synth_app.session.trainings.library import TrainingLibrary
from synth_app.session.trainings.plan import read_plan
from synth_app.support.compiling.target import _read_answer
from synth_app.support.errors import UserError
from synth_app.support.tensor_files import read_arrays
from synth_app.training.data.shards import is_whole, read_counts, read_units
from synth_app.training.export.note_bank import hold_seconds, instrument_names
from tests.fuzz import seeds
from tests.fuzz.byte_mutations import mutate_bytes
from tests.fuzz.json_mutations import mutate_json
from tests.fuzz.tensor_mutations import mutate_header, mutate_tensors, mutate_texts

Mutate = Callable[[bytes, Random], bytes]
_CARD, _BANK = "synth_app.card", "synth_app.bank"
_DIGEST_OF = (_CARD, _BANK)


@dataclass(frozen=True)
class Loader:
    """One loader.

    Attributes:
        name: in the table.
        file: name of the file that is mutated, in a new folder that holds nothing else but ``beside``.
        seeds: makes the contents to start from.
        mutate: makes one input of one content.
        load: reads the file, given its path, and uses what it got.
        beside: other files of the folder, by name.
    """

    name: str
    file: str
    seeds: Callable[[], tuple[bytes, ...]]
    mutate: Mutate
    load: Callable[[Path], object]
    beside: Callable[[], dict[str, bytes]] = dict


def _json(data: bytes, random: Random) -> bytes:
    return mutate_json(data.decode(), random)


def _texts(key: str) -> Mutate:
    return partial(mutate_texts, digest_of=_DIGEST_OF, keys=(key,))


def _play_model(path: Path) -> None:
    read_card(path)
    read_bank_names(path)
    file = load_model_file(path)
    model = Model(file)
    with np.errstate(all="ignore"):
        for note in file.bank[:2]:
            find_note(file.bank, note.name)
            model.decode(note.z[:4], note.gain_db[:4], note.pitch)


@cache
def _small_model() -> Model:
    return Model(seeds.model_file())


def _play_preset(path: Path) -> None:
    preset = read_preset(path)
    transfer_preset(preset, _small_model(), "small", "live")
    library = PresetLibrary(path.parent / "library", path.parent / "settings.json", path.parent / "none")
    entry = library.add(preset)
    library.rename(entry.key, preset.name + "x" if len(preset.name) < 64 else "x")
    library.search(Query(text="a"))
    write_preset(path, preset)


def _open_session(path: Path) -> None:
    session, _ = load_session(path)
    session.known_params()
    session.user_notes(2)
    save_session(path.with_name("again.json"), session)


def _open_sound(path: Path) -> None:
    library = SoundLibrary(path.parents[1])
    for entry in library.entries():
        library.change(entry.key, entry.sound)
        for recording in entry.sound.recordings:
            read_recording(entry.folder, recording)
        library.export(entry, path.parents[1] / "out")
    if library.problems:
        raise UserError(library.problems[0])


def _play_patch_in_audio(path: Path) -> None:
    saved = read_saved_patch(path)
    if saved is not None:
        restore_patch(
            saved, lambda _: _small_model(), (ModelEntry(path.with_name("m.safetensors"), _small_model().card),)
        )


def _mutated_patch(data: bytes, random: Random) -> bytes:
    """Mutate the JSON of the patch in a WAV file, or any bytes of the file."""
    if not random.randrange(4):
        return mutate_bytes(data, random)
    start = data.index(NAME) + 8
    size = int.from_bytes(data[start - 4 : start], "little")
    text = mutate_json(data[start : start + size].decode(), random)
    return data[: start - 4] + len(text).to_bytes(4, "little") + text


def _open_training(path: Path) -> None:
    read_plan(path).file_choices()
    TrainingLibrary(path.parents[1]).entries()


def _import_pack(path: Path) -> None:
    folder = path.parent
    presets = PresetLibrary(folder / "presets", folder / "settings.json", folder / "none")
    with checked_pack(path, folder):
        pass
    import_pack(path, Libraries(folder / "models", SoundLibrary(folder / "sounds"), presets))


def _mutated_pack(data: bytes, random: Random) -> bytes:
    """Mutate the bytes of a pack, or the content, name or number of its files, with digests that fit."""
    return mutate_bytes(data, random) if not random.randrange(3) else seeds.mutate_pack(data, random)


def _open_notes(path: Path) -> None:
    for note in encoded_notes.read_notes(path, seeds.SETTINGS, _small_model()):
        note.note()


def _continue_rendering(path: Path) -> None:
    folder = path.parent
    render_folder.claim(folder, {"kind": "test"}, "command")
    render_folder.record_program(folder, 0, {"notes": [[60, 100]], "dropped_silent": 0})
    render_folder.complete(folder, {0: seeds.note})
    render_folder.summarise(folder, 8000)
    instrument_names(folder)
    hold_seconds(folder)


def _finish_rendering(path: Path) -> None:
    folder = path.parents[1]
    render_folder.read_program(folder, 0)
    render_folder.complete(folder, {0: seeds.note})


def _open_shard(path: Path) -> None:
    shard = path.with_name("shard.npy")
    if is_whole(shard, 3, seeds.BINS):
        read_counts(shard, seeds.BINS)
        np.asarray(read_units(shard, seeds.BINS)).sum()


def _read_checkpoint(path: Path) -> None:
    seeds.load_checkpoint(path)


LOADERS: tuple[Loader, ...] = (
    Loader("model: tensors", "m.safetensors", seeds.models, partial(mutate_tensors, digest_of=_DIGEST_OF), _play_model),
    Loader("model: header", "m.safetensors", seeds.models, mutate_header, _play_model),
    Loader("card", "m.safetensors", seeds.models, _texts(_CARD), _play_model),
    Loader("bank", "m.safetensors", seeds.models, _texts(_BANK), _play_model),
    Loader("preset", "p.json", seeds.presets, _json, _play_preset),
    Loader("session", "session.json", lambda: (seeds.stored("session"),), _json, _open_session),
    Loader("settings", "settings.json", lambda: (seeds.stored("settings"),), _json, load_settings),
    Loader("MIDI settings", "midi.json", lambda: (seeds.stored("midi"),), _json, load_midi),
    Loader("patch in audio", "a.wav", lambda: seeds.audio_with_patches()[:2], _mutated_patch, _play_patch_in_audio,
           lambda: {"m.safetensors": seeds.models()[0]}),
    Loader("patch in FLAC", "a.flac", lambda: seeds.audio_with_patches()[2:], mutate_bytes, _play_patch_in_audio,
           lambda: {"m.safetensors": seeds.models()[0]}),
    Loader("sound", "tone/sound.json", lambda: (seeds.sound()["sound.json"],), _json, _open_sound,
           lambda: {"tone/" + name: data for name, data in seeds.sound().items() if name != "sound.json"}),
    Loader("sound's notes", "n.safetensors", seeds.sound_notes,
           partial(mutate_tensors, digest_of=(_BANK, "synth_app.settings")), _open_notes),
    Loader("sound's notes: header", "n.safetensors", seeds.sound_notes, mutate_header, _open_notes),
    Loader("pack", "p.synthpack", seeds.packs, _mutated_pack, _import_pack),
    Loader("training plan", "t/training.json", seeds.plans, _json, _open_training),
    Loader("split", "split.json", seeds.splits, _json, read_split),
    Loader("examples.json", "examples.json", seeds.examples, _json, lambda path: read_notes(path.parent)),
    Loader("render settings", "source.json", seeds.render_settings, _json, _continue_rendering),
    Loader("render record", "parts/program-000.json", seeds.render_record, _json, _finish_rendering,
           lambda: {"source.json": seeds.render_settings()[0]}),
    Loader("study result", "pca-4-note-0.json", seeds.results, _json, load_result),
    Loader("report", "about.json", seeds.about, _json, lambda path: _read_about(path.parent)),
    Loader("report's scores", "ceilings.json", seeds.ceilings, _json, lambda path: _read_ceilings(path.parent)),
    Loader("ablation", "rows.json", seeds.ablation, _json, _read_rows),
    Loader("frame shard", "shard.npy", lambda: (seeds.shard()["shard.npy"],), mutate_bytes, _open_shard,
           lambda: {"shard.json": seeds.shard()["shard.json"]}),
    Loader("shard's numbers", "shard.json", lambda: (seeds.shard()["shard.json"],), _json, _open_shard,
           lambda: {"shard.npy": seeds.shard()["shard.npy"]}),
    Loader("cache: tensors", "c.safetensors", seeds.caches, partial(mutate_tensors, digest_of=()), read_arrays),
    Loader("cache: header", "c.safetensors", seeds.caches, mutate_header, read_arrays),
    Loader("compile target", "t.json", seeds.compile_targets, _json, lambda path: _read_answer(path, "haswell", "")),
    Loader("checkpoint", "c.safetensors", seeds.checkpoints, seeds.mutate_checkpoint, _read_checkpoint),
    Loader("audio", "a.wav", seeds.audio, mutate_bytes, decode_audio_file),
    Loader("MIDI file", "a.mid", seeds.midi_files, mutate_bytes, read_midi_file),
    Loader("SoundFont", "a.sf2", seeds.soundfonts, mutate_bytes, read_soundfont_info),
)  # fmt: skip


def loader(name: str) -> Loader:
    """Return the loader of that name."""
    return next(each for each in LOADERS if each.name == name)
