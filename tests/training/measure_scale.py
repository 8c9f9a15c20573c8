"""Measure the cost of a data set of NSynth's size: ``python -m tests.training.measure_scale DATA``.

DATA is any folder in NSynth's layout; the rate of computing frames is measured on it. Memory and sampling are measured
on 305,979 synthetic notes and a frame cache of empty (sparse) files, because only their number and size matter.
"""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import EXAMPLES_NAME, make_note, read_notes
from synth_app.spectrum import FrameSpec
from synth_app.spectrum.spec import PAPER_SPEC
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch, NoteSet
from synth_app.training.data.epoch_stream import Epoch, SamplingSettings
from synth_app.training.data.frame_cache import FrameCache, note_db_frames
from synth_app.training.data.pca import PrincipalAxes, principal_axes
from synth_app.training.data.split_and_pca import make_split
from synth_app.training.families import families
from synth_app.training.grid import BASELINE, BUDGETS, Cell, GridSettings, cell_fit, study_families

NOTES = 305_979
SECONDS = 4.0
_PER_SHARD = 64
_SAMPLE = 128


def main() -> None:
    """Measure and print."""
    data = Path(sys.argv[1])
    torch.set_num_threads(1)
    _frame_rate(data, PAPER_SPEC)
    with tempfile.TemporaryDirectory() as folder:
        _memory(Path(folder), PAPER_SPEC)
    _axes_rate(PAPER_SPEC)
    _fit_rates(PAPER_SPEC)


def _axes_rate(spec: FrameSpec) -> None:
    block = np.random.default_rng(0).standard_normal((4096, spec.bins)).astype(np.float32)
    began = time.process_time()
    frames = principal_axes(block for _ in range(30)).frames
    print(f"principal axes: {1e6 * (time.process_time() - began) / frames:.0f} us of a core per frame")


def _frame_rate(data: Path, spec: FrameSpec) -> None:
    notes = read_notes(data)
    chosen = [notes[int(i)] for i in np.linspace(0, len(notes) - 1, _SAMPLE)]
    began = time.process_time()
    frames = sum(len(note_db_frames(data, note, spec)) for note in chosen)
    seconds = time.process_time() - began
    print(f"frames: {1e3 * seconds / _SAMPLE:.1f} ms of a core per note, {frames / _SAMPLE:.0f} frames per note")


def _memory(folder: Path, spec: FrameSpec) -> None:
    per_note = int(SECONDS * spec.sample_rate / spec.hop_length) + 1
    _write_list(folder)
    began = time.process_time()
    notes = read_notes(folder)
    print(f"list of {len(notes)} notes: {time.process_time() - began:.0f} s of a core, {_memory_mb()}")
    split = make_split(notes, "note", 0)
    names = [note.note_str for note in notes]
    _write_empty_cache(folder, len(names), per_note, spec.bins)
    by_name = {note.note_str: note for note in notes}
    began = time.process_time()
    train = NoteSet.of(FrameCache(folder, spec, names), [by_name[name] for name in split.train])
    print(f"cache opened, {len(train.rows)} training notes: {time.process_time() - began:.0f} s, {_memory_mb()}")
    for frames_per_note in (20, 0):
        epoch = Epoch((train,), SamplingSettings(frames_per_note, 512), np.random.default_rng(0))
        began, seen = time.process_time(), 0
        for part in epoch:
            seen += len(part.x)
            if seen > 4_000_000:  # several parts
                break
        rate = seen / (time.process_time() - began)
        print(f"sampling {frames_per_note or 'all'} of {per_note} frames per note: {sum(epoch.sizes):,} frames an "
              f"epoch, {rate:,.0f} frames/s, {_memory_mb()}")  # fmt: skip


def _write_list(folder: Path) -> None:
    entries = {}
    for i in range(NOTES):
        instrument, index = divmod(i, 305)
        family = FAMILIES[instrument % len(FAMILIES)]
        note = make_note(
            note=i, instrument=instrument, family=family, source="synthetic", index=instrument,
            pitch=21 + index % 88, velocity=25 * (1 + index // 88), sample_rate=16_000,
        )  # fmt: skip
        entries[note.note_str] = asdict(note)
    (folder / EXAMPLES_NAME).write_text(json.dumps(entries), encoding="utf-8")


def _write_empty_cache(folder: Path, notes: int, per_note: int, bins: int) -> None:
    for shard, first in enumerate(range(0, notes, _PER_SHARD)):
        count = min(_PER_SHARD, notes - first)
        path = folder / f"shard-{shard:04d}.npy"
        np.lib.format.open_memmap(path, "w+", np.float16, (count * per_note, bins))
        path.with_suffix(".json").write_text(json.dumps({"counts": [per_note] * count}))


def _memory_mb() -> str:
    """Return peak memory, and the present anonymous memory (the rest are pages of files)."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak, own = (int(lines[key].split()[0]) // 1024 for key in ("VmHWM", "RssAnon"))
    return f"peak {peak} MB, {own} MB now its own"


def _fit_rates(spec: FrameSpec) -> None:
    axes = PrincipalAxes(
        np.zeros(spec.bins, np.float32), np.eye(spec.bins, dtype=np.float32), np.ones(spec.bins, np.float32), 1
    )
    settings = GridSettings(Path(), Path())
    x = torch.rand(BUDGETS["study"].batch_size, spec.bins) * 2 - 1
    for name in study_families():
        if name == BASELINE:
            continue
        family, fit = families()[name], cell_fit(Cell(name, 16, "note"), settings)
        net = family.build(spec, 16, axes, fit)
        batch = x[: len(x) // net.window * net.window]
        batch = batch.view(-1, net.window, spec.bins) if net.window > 1 else batch
        optimizer = torch.optim.Adam(net.parameters(), fused=True)
        augment, generator = Augment(spec, fit.augment), torch.Generator()
        times = []
        for _ in range(12):
            began = time.process_time()
            with torch.autocast("cpu", torch.bfloat16, enabled=fit.precision == "bfloat16"):
                loss = net.batch_loss(Batch(batch, torch.zeros(batch.shape[:-1])), augment, generator)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            times.append(time.process_time() - began)
        per_frame = float(np.median(times[2:])) / batch[..., 0].numel()
        print(f"fit {name}: {1e6 * per_frame:.0f} us of a core per frame")


if __name__ == "__main__":
    main()
