"""Renders the style of a note in a process of its own: a new note that plays at every key."""

from collections.abc import Callable
from dataclasses import replace

from synth_app.export.process_job import ProcessJob
from synth_app.patch import StyleTexture, UserNote


class StyleJob(ProcessJob):
    """One note taking on a texture in another process. ``note`` or ``error`` is set when it is done.

    Args:
        content: the note. texture: that it takes on. amount: 0 to 1.
        model_path: of the note's model.

    Attributes:
        note: the new note, None until it is ready.
        error: why it failed, "" otherwise.
    """

    def __init__(self, content: UserNote, texture: StyleTexture, amount: float, model_path: str) -> None:
        super().__init__(_render, content, texture, amount, model_path)
        self.note: UserNote | None = None
        self.error = ""
        self._progress = 0.0

    def progress(self) -> float:
        """Return the fraction done, 0-1."""
        self._read()
        return self._progress

    def _handle(self, message: object) -> None:
        if isinstance(message, float):
            self._progress = message
            return
        if isinstance(message, UserNote):
            self.note = message
        else:
            self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        if self.note is None and not self.error:
            self.error = "the style could not be rendered: the process ended unexpectedly; try again"


def _render(
    content: UserNote,
    texture: StyleTexture,
    amount: float,
    model_path: str,
    send: Callable[[float | UserNote], None],
) -> None:
    from synth_app.decoder import load_model
    from synth_app.style import rendered_style, style_of_texture
    from synth_app.support.blas_threads import BlasThreadLimit
    from synth_app.support.priority import lower_process

    lower_process()  # sound comes first
    with BlasThreadLimit():
        model = load_model(model_path)
        style = style_of_texture(model, texture)
        made = rendered_style(model, content, style, amount, progress=lambda done, of: send(done / (of + 1)))
    if made is None:
        raise RuntimeError("nothing cancels this optimization but the end of the process")
    send(replace(made, name=f"{content.name} + {texture.name}"))
