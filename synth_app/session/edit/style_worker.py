"""Solves styles in a thread of its own, so that the window does not wait: some tenths of a second a note."""

import logging
import threading
from dataclasses import dataclass

from synth_app.decoder import Model, load_model
from synth_app.patch import StyleChange, StyleTexture
from synth_app.session.store.style_solutions import StyleTask
from synth_app.style import StyleSource, style_change, take_texture
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """A texture that was taken, or why it could not be."""

    source: StyleSource
    texture: StyleTexture | None
    problem: str = ""


@dataclass(frozen=True)
class Solved:
    """A change that was solved, or why it could not be."""

    task: StyleTask
    change: StyleChange | None
    problem: str = ""


Result = Taken | Solved


class StyleWorker:
    """A thread that takes textures and solves their changes, one at a time; ``results`` returns what is done.

    It loads a model of its own, because a model belongs to one thread.
    """

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: tuple[str, StyleSource | StyleTask] | None = None  # model's path, and what to do
        self._results: list[Result] = []
        self._busy, self._closing = False, False
        self._path = ""
        self._model: Model | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being worked on or waits."""
        with self._wake:
            return self._busy or self._waiting is not None

    def submit(self, model_path: str, wanted: StyleSource | StyleTask) -> None:
        """Start work as soon as the thread is free; a later call replaces what still waits."""
        with self._wake:
            self._waiting = model_path, wanted
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="style", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def results(self) -> list[Result]:
        """Return what was finished since the last call."""
        with self._wake:
            done, self._results = self._results, []
            return done

    def close(self) -> None:
        """End the thread, after what it is working on."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting is not None or self._closing)
                if self._closing or self._waiting is None:
                    return
                (path, wanted), self._waiting = self._waiting, None
                self._busy = True
            with BlasThreadLimit():  # several threads would only wait for each other
                result = self._work(path, wanted)
            with self._wake:
                self._results.append(result)
                self._busy = False

    def _work(self, path: str, wanted: StyleSource | StyleTask) -> Result:
        problem = ""
        try:
            model = self._loaded(path)
            if isinstance(wanted, StyleSource):
                return Taken(wanted, take_texture(model, wanted))
            return Solved(wanted, style_change(model, wanted.content(), wanted.texture))
        except UserError as error:
            problem = str(error)
        except Exception:
            logger.exception("a style could not be worked out")
            problem = "the style could not be worked out; the log has the details"
        return Taken(wanted, None, problem) if isinstance(wanted, StyleSource) else Solved(wanted, None, problem)

    def _loaded(self, path: str) -> Model:
        if self._model is None or self._path != path:
            self._path, self._model = path, load_model(path)
        return self._model
