"""A style that is rendered in another process: the same note as in this one, its progress, and its problems."""

import time

from synth_app.decoder import load_model
from synth_app.export.style_job import StyleJob
from synth_app.modelfile import find_model
from synth_app.patch import UserNote
from synth_app.style import StyleSource, path_step, take_texture


def finished(job: StyleJob, limit_s: float = 240.0) -> list[float]:
    """Wait for the end; return the fractions seen."""
    seen, end = [0.0], time.monotonic() + limit_s
    job.start()
    while not job.done() and time.monotonic() < end:
        seen.append(job.progress())
        time.sleep(0.02)
    assert job.done()
    return seen


def test_a_rendered_note_moves_as_its_texture_and_keeps_the_rest() -> None:
    path = str(find_model("pitched-vae-48k"))
    model = load_model(path)
    content = UserNote.of(next(note for note in model.bank if note.name == "brass_acoustic_001-060-100"))
    job = StyleJob(content, take_texture(model, StyleSource("engine")), 0.8, path)
    seen = finished(job)
    assert job.error == ""
    assert job.note is not None
    assert job.note.name == "Trombone + engine"
    assert (job.note.marks, job.note.pitch, job.note.correction) == (content.marks, content.pitch, content.correction)
    std = model.stats.std
    assert path_step(job.note.codes(), std) > 1.5 * path_step(content.codes(), std)
    assert seen == sorted(seen)
    assert max(seen) > 0.2


def test_a_note_that_cannot_take_on_a_texture_is_said() -> None:
    model, recurrent = load_model("pitched-vae-48k"), load_model("lstm-ae-16k")
    texture = take_texture(model, StyleSource("engine"))
    job = StyleJob(UserNote.of(recurrent.bank[0]), texture, 1.0, str(find_model("lstm-ae-16k")))
    finished(job)
    assert job.note is None
    assert "recurrent" in job.error
