"""Commands that render sound: demo, render, encode, resynth."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from synth_app.cli.progress import progress_bar
from synth_app.cli.values import parse_decimal, parse_key
from synth_app.decoder import Model, load_model
from synth_app.export.formats import FORMATS, bits_help, format_of
from synth_app.export.request import PerformanceRequest, RenderRequest
from synth_app.midi import MidiSettings, midi_channel
from synth_app.modelfile import ModelEntry, find_model, find_note, first_note, list_models, note_center, read_card
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import Patch
from synth_app.patch.initial_patch import initial_patch
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path, check_target
from synth_app.support.loading import shown

ModelOption = Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name (see `models`) or file.")]
OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")]
InArgument = Annotated[Path, typer.Argument(metavar="IN.wav", help="Audio file.")]


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for demo.wav and demo.png.")] = Path(),
) -> None:
    """Run a scripted 20-second demo of the program without a screen; write demo.wav and demo.png."""
    from synth_app.app import run_demo

    raise typer.Exit(run_demo(out))


_AUDIO_OUT = f"Audio file to write; its suffix is the format: {', '.join(FORMATS)}."


# typer makes one option of each parameter, so the commands have as many parameters as options.
def render(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_AUDIO_OUT)],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="MODEL",
            help=f"Model name (see `models`) or file; {DEFAULT_MODEL} if neither it nor --preset is given.",
        ),
    ] = "",
    preset: Annotated[
        str,
        typer.Option(
            "--preset",
            metavar="PRESET",
            help="Preset name (see `presets list`) or file, or an audio file that the program wrote.",
        ),
    ] = "",
    sound: Annotated[
        str, typer.Option("--sound", metavar="SOUND", help="Sound of your own to play (see `sounds list`).")
    ] = "",
    note: Annotated[
        int, typer.Option(metavar="KEY", parser=parse_key, help="Key to play: MIDI number or note name.")
    ] = 60,
    velocity: Annotated[int, typer.Option(metavar="VELOCITY", help="Velocity of the note, 1-127.")] = 100,
    bank: Annotated[
        str, typer.Option(metavar="NOTE", help="Note of the model's bank to play (its name, or part of it).")
    ] = "",
    to: Annotated[str, typer.Option(metavar="NOTE", help="Second note of the bank, to morph to.")] = "",
    morph: Annotated[
        float, typer.Option(metavar="POSITION", parser=parse_decimal, help="Position between --bank (0) and --to (1).")
    ] = 0.5,
    latent: Annotated[str, typer.Option(metavar="VECTOR", help='Hold this latent vector: "z1,z2,...".')] = "",
    seconds: Annotated[
        float, typer.Option(metavar="S", parser=parse_decimal, help="Seconds that the key is held.")
    ] = 2.0,
    tail: Annotated[
        float,
        typer.Option(
            metavar="S", parser=parse_decimal, help="Seconds of release after it; echoes and reverb add to it."
        ),
    ] = 1.0,
    rate: Annotated[int, typer.Option(metavar="HZ", help="Sample rate: 44100, 48000 or 96000 Hz.")] = 48_000,
    bits: Annotated[int, typer.Option(metavar="BITS", help=f"Bit depth. {bits_help()}.")] = 24,
    mono: Annotated[bool, typer.Option("--mono", help="Write one channel instead of two.")] = False,
    quality: Annotated[
        str, typer.Option(metavar="QUALITY", help="Quality: eco, fast, live (as the window) or studio.")
    ] = "live",
    midi: Annotated[
        Path | None, typer.Option("--midi", metavar="FILE.mid", help="Play this MIDI file instead of one note.")
    ] = None,
    channel: Annotated[int | None, typer.Option(metavar="NUMBER", help="Only this channel of --midi, 1-16.")] = None,
    mpe: Annotated[
        bool, typer.Option("--mpe", help="Read --midi as MPE, even if the file does not configure zones.")
    ] = False,
) -> None:
    """Render one note of a model, or a MIDI file, to an audio file."""
    from synth_app.export.render import render_file

    audio_format = format_of(out)
    check_target(out)
    if (preset or sound) and (bank or to or latent or (preset and sound)):
        raise UserError(
            "--preset or --sound sets notes and latent vector; give one of them, leave out --bank, --to and --latent"
        )
    if preset:
        patch = _preset_patch(preset, model, quality)
    elif sound:
        patch = _sound_patch(sound, model or DEFAULT_MODEL, quality)
    else:
        name = model or DEFAULT_MODEL
        patch = replace(_patch(load_model(name), str(find_model(name)), bank, to, morph, latent), quality=quality)
    if midi is not None:
        if (note, velocity, seconds, tail) != (60, 100, 2.0, 1.0):
            raise UserError("--midi sets the notes; leave out --note, --velocity, --seconds and --tail")
        _render_midi(midi, _midi_settings(channel, mpe=mpe), patch, out, rate, bits, mono=mono)
        return
    request = RenderRequest(
        patch=patch, path=out, note=note, velocity=velocity, seconds=seconds, tail_seconds=tail,
        rate=rate, bits=bits, channels=1 if mono else 2, format=audio_format,
    )  # fmt: skip
    with progress_bar("rendering") as report_progress:
        length = render_file(request, lambda fraction: report_progress(round(1000 * fraction), 1000))
    typer.echo(f"{shown(out)}: {length:.3g} s, {rate} Hz, {bits} bits, {'mono' if mono else 'stereo'}")


def _preset_patch(name: str, model: str, quality: str) -> Patch:
    """Return the patch of a preset, for the given model or else the most similar one; print a remark on stderr.

    Args:
        name: preset file or name.
        model: model name or file; "" for the most similar to the preset's own.
        quality: of the patch.
    """
    from synth_app.session.presets.library import PresetLibrary
    from synth_app.session.presets.model_matching import nearest_model
    from synth_app.session.presets.preset_transfer import transfer_preset
    from synth_app.session.state.preset import SUFFIX, read_preset

    if Path(name).suffix.lower() in FORMATS:
        return _patch_in_audio(Path(name), model)
    is_file = Path(name).suffix == SUFFIX
    preset = read_preset(Path(name)) if is_file else PresetLibrary().named(name).preset
    path = find_model(model or DEFAULT_MODEL)
    nearer = None if model else nearest_model(preset, read_card(path), list_models())
    path = nearer.path if nearer else path
    transferred = transfer_preset(preset, load_model(path), str(path), quality)
    if transferred.remark:
        typer.echo(transferred.remark, err=True)
    return transferred.patch


def _patch_in_audio(path: Path, model: str) -> Patch:
    """Return the patch that an audio file holds, with its own quality; print a remark on stderr if it is not exact."""
    from synth_app.session.presets.saved_patch import read_saved_patch, restore_patch

    saved = read_saved_patch(path)
    if saved is None:
        raise UserError(f"{shown(path)} holds no patch; add it as a sound instead: synth-app sounds add")
    models = list_models()
    if model:
        wanted = find_model(model)
        models = tuple(entry for entry in models if entry.path == wanted) or (
            ModelEntry(wanted, read_card(wanted), ""),
        )
    restored = restore_patch(saved, load_model, models)
    if restored.remark:
        typer.echo(restored.remark, err=True)
    return restored.patch


def _sound_patch(name: str, model: str, quality: str) -> Patch:
    """Return the patch that plays a sound of the user. It is encoded first if it is new to the model."""
    from synth_app.session.sounds.encoded_notes import sound_note
    from synth_app.session.sounds.sound_library import SoundLibrary
    from synth_app.session.sounds.sound_patch import sound_patch

    entry = SoundLibrary().named(name)
    path = find_model(model)
    loaded = load_model(path)
    with progress_bar("encoding") as report_progress:
        note = sound_note(entry.folder, entry.sound, loaded, report_progress)
    return sound_patch(note, str(path), loaded.card, quality)


def _midi_settings(channel: int | None, *, mpe: bool) -> MidiSettings:
    if channel is not None and mpe:
        raise UserError("--channel plays one channel, --mpe needs all of them; give only one of the two")
    return MidiSettings(mode="mpe") if mpe else MidiSettings() if channel is None else midi_channel(channel)


def _render_midi(
    midi: Path, settings: MidiSettings, patch: Patch, out: Path, rate: int, bits: int, *, mono: bool
) -> None:
    from synth_app.export.performance import render_performance_file
    from synth_app.midi.file import read_midi_file

    played = read_midi_file(midi, settings)
    channels = 1 if mono else 2
    request = PerformanceRequest(patch, out, played.events, played.samples, rate, bits, channels, format_of(out))
    with progress_bar("rendering") as report_progress:
        seconds = render_performance_file(request, lambda fraction: report_progress(round(1000 * fraction), 1000))
    omitted = f"; {played.percussion} notes of channel 10 (percussion) omitted" if played.percussion else ""
    if played.remark:
        typer.echo(f"{shown(midi)}: {played.remark}", err=True)
    typer.echo(f"{shown(out)}: {seconds:.1f} s, {played.notes} notes{omitted}")


def _patch(model: Model, path: str, bank: str, to: str, morph: float, latent: str) -> Patch:
    names = [note.name for note in model.bank]
    a = names.index(find_note(model.bank, bank).name) if bank else first_note(model.bank)
    b = names.index(find_note(model.bank, to).name) if to else a
    patch = initial_patch(path, model.card, a, b)
    if to:
        if not 0.0 <= morph <= 1.0:
            raise UserError(f"morph {morph:g} is outside 0 (--bank) to 1 (--to)")
        patch = patch.with_param("morph", morph)
    if latent:
        center, _ = note_center(model.bank[a])
        offset = _numbers(latent, model.card.latent_size) - center
        patch = replace(patch, offset=tuple(float(x) for x in offset)).with_param("motion", 0.0)
        if to:
            raise UserError("--latent holds one point, --to morphs between two notes; give only one of them")
    return patch


def _numbers(text: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    try:
        values = np.array([float(part) for part in text.split(",")])
    except ValueError as error:
        raise UserError(f'--latent {text!r} is not a list of numbers like "0.5,-1.2,0"') from error
    if len(values) != count or not np.isfinite(values).all():
        raise UserError(f"--latent has {len(values)} numbers; this model takes {count} finite numbers")
    return values


PitchOption = Annotated[
    float | None,
    typer.Option(
        "--pitch",
        metavar="PITCH",
        help="MIDI pitch of the sound, for pitch-conditioned models; estimated if not given.",
    ),
]


def _pitch_for(
    model: Model, samples: np.ndarray[tuple[int], np.dtype[np.float32]], pitch: float | None
) -> float | None:
    """Return the pitch for a pitch-conditioned model, estimated if ``pitch`` is None; else ``pitch``."""
    if pitch is not None or not model.pitch_conditioned:
        return pitch
    from synth_app.spectrum.note_pitch import find_pitch

    found = find_pitch(samples, model.spec.sample_rate)
    if found is None:
        raise UserError(
            f"no pitch found in the sound, but {model.card.name} is pitch-conditioned: give --pitch (60 is middle C)"
        )
    typer.echo(f"pitch: MIDI {found:.2f} (estimated; --pitch sets another)", err=True)
    return found


def encode(audio: InArgument, model: ModelOption, out: OutOption, pitch: PitchOption = None) -> None:
    """Encode audio to latent vectors: an .npz with z [n, latent size], gain_db [n], hop_seconds."""
    from synth_app.dataset.audio_io import read_audio_file

    if out.suffix != ".npz":
        raise UserError(f"{shown(out)}: latent vectors are written to .npz files; choose a name that ends with .npz")
    check_target(out)
    loaded = load_model(model)
    samples, rate = read_audio_file(audio, rate=loaded.spec.sample_rate)
    midi_pitch = _pitch_for(loaded, samples, pitch)
    z, gain_db = loaded.encode(loaded.frames(samples, rate), midi_pitch)
    with atomic_path(out) as temporary:
        np.savez_compressed(
            temporary, z=z, gain_db=gain_db, hop_seconds=loaded.spec.hop_seconds, model=loaded.card.name
        )
    hop_ms = loaded.spec.hop_seconds * 1e3
    typer.echo(f"{shown(out)}: {len(z)} latent vectors of size {loaded.card.latent_size}, {hop_ms:g} ms apart")


def resynth(
    audio: InArgument,
    model: ModelOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=_AUDIO_OUT)],
    phase: Annotated[
        str, typer.Option(metavar="METHOD", help="Phase method: live, original, griffinlim, ...")
    ] = "live",
    pitch: PitchOption = None,
) -> None:
    """Encode and decode audio, reconstruct phases, and write an audio file at the model's rate."""
    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.evaluation.resynthesis import resynthesize_audio

    audio_format = format_of(out)
    check_target(out)
    loaded = load_model(model)
    samples, rate = read_audio_file(audio, rate=loaded.spec.sample_rate)
    result = resynthesize_audio(loaded, samples, rate, phase, _pitch_for(loaded, samples, pitch))
    peak = float(np.abs(result).max())
    if peak > 1.0:
        lower_db = 20.0 * np.log10(peak)
        typer.echo(
            f"the sound peaks at {peak:.3g}; it is written {lower_db:.1f} dB lower, so that it does not clip", err=True
        )
        result = result / np.float32(peak)
    with atomic_path(out) as temporary:
        audio_format.write(temporary, (result[:, np.newaxis],), rate, audio_format.default_bits)
    typer.echo(f"{shown(out)}: {len(result) / rate:.2f} s at {rate} Hz, phase {phase}")
