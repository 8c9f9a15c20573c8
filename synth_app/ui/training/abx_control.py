"""Blind comparisons of two models: renders their sounds in the background, plays them, and keeps the answers."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from synth_app.evaluation.abx import SIDES, AbxTest, Side, hidden_sides
from synth_app.export.abx.job import AbxJob, AbxRequest
from synth_app.export.abx.phrases import shared_notes
from synth_app.modelfile import ModelEntry
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.trainings.library import TrainingLibrary
from synth_app.ui.base.question import ask
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.samples import Samples, SampleVoice
from synth_app.ui.ports.shell import Messages
from synth_app.ui.training.abx_page import AbxPage
from synth_app.ui.training.abx_setup_page import AbxDraft, AbxMaterial, AbxSetupPage

_POLL_MS = 100
_MAX_SEED = 1_000_000


class AbxControl(QObject):
    """One comparison at a time.

    Args:
        messages: the main window. sounds: of the user. samples: plays the sounds of the test.
        put: shows a page in the window of trainings.

    Attributes:
        test: the one that is taken or was ended last; None before the first.
        heard: which of "a", "b" and "x" sounds; "" for none.
        question: the last one asked.
    """

    left = Signal()

    def __init__(
        self, messages: Messages, sounds: SoundLibrary, samples: Samples, put: Callable[[QWidget], None]
    ) -> None:
        super().__init__(messages.as_widget())
        self._messages, self._library, self._put = messages, sounds, put
        self._voice = SampleVoice(samples, self)
        self._voice.ended.connect(self._follow)
        self._titles: dict[Path, str] = {}
        self._draft: AbxDraft | None = None
        self._job: AbxJob | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._page: AbxSetupPage | AbxPage | None = None
        self._sounds: tuple[str, str] | None = None
        self._seed, self._ended, self._x_heard = 0, False, False
        self.test: AbxTest | None = None
        self.heard = ""
        self.question: QMessageBox | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def open(self, entries: Sequence[ModelEntry], first: Path) -> AbxSetupPage:
        """Show the page that sets up a comparison of two of these models; ``first`` is A."""
        self.close()
        self._titles = {each.path: each.card.title for each in entries if each.card is not None}
        return self._show_setup(first)

    def _show_setup(self, first: Path) -> AbxSetupPage:
        page = AbxSetupPage([(title, path) for path, title in self._titles.items()], first, self._materials)
        page.back_requested.connect(self._leave)
        page.start_requested.connect(self._render)
        self._page = page
        self._put(page)
        page.start.setFocus()
        return page

    def _set_up_again(self) -> None:
        """Go back from a test to its page of choices."""
        assert self._draft is not None
        self.close()
        self._show_setup(self._draft.models[0]).show_draft(self._draft)

    @property
    def taking(self) -> bool:
        """Whether the page of a test or of its result is shown, or would be: a test can wait."""
        return isinstance(self._page, AbxPage)

    @property
    def at_risk(self) -> int:
        """Number of answers that would be lost: those of a test without a result yet."""
        return len(self.test.answers) if self.taking and self.test is not None and not self._ended else 0

    def rebuild(self) -> None:
        """Go on in a new page with the test that is taken: the window was made again, or opened again."""
        if self.taking:
            self._show_page()

    def wait(self) -> None:
        """Keep a test with answers, in silence, until ``rebuild``; end everything else."""
        if not self.at_risk or self.test is None:
            self.close()
            return
        self._stop()
        test = self.test
        self._messages.show_message(
            f"The blind test waits at trial {test.trial} of {len(test.hidden)}. Open Train a model to go on"
        )

    def ask_to_leave(self) -> None:
        """Go back to the choices; ask before answers are lost."""
        if not self.at_risk:
            self._set_up_again()
            return
        lost = answers_text(self.at_risk)
        question = f"Leave the blind test? {lost} would be lost. To see their result, stay and press End now."
        self.question = ask(self._page or self._messages.as_widget(), question, "Leave", "Stay", self._set_up_again)

    def close(self) -> None:
        """Stop sound and rendering, and remove the sounds."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._page = self._sounds = None

    def _materials(self, models: tuple[Path, Path]) -> tuple[AbxMaterial, ...]:
        """Return what two models can play: recordings of a training of one of them, a note of both, own sounds."""
        found = []
        for entry in TrainingLibrary().entries():
            notes = entry.folder / "notes"
            if entry.finished and notes.is_dir() and entry.plan.model in {path.stem for path in models}:
                found.append(AbxMaterial(f"Recordings of {entry.plan.name}", notes=notes))
        if try_action(self._messages, lambda: shared_notes(models)):
            found.append(AbxMaterial("A note that both know"))
        found += [AbxMaterial(f"Your sound {each.sound.name}", sound=each) for each in self._library.entries()]
        return tuple(found)

    def _render(self, draft: AbxDraft) -> None:
        self._draft = draft
        if self._folder is None:
            # A rendering that is cancelled may still write while the folder is removed.
            self._folder = TemporaryDirectory(prefix="synth_app-abx-", ignore_cleanup_errors=True)
        folder, material = Path(self._folder.name), draft.material
        request = AbxRequest(draft.models, folder, material.notes, material.sound, 1.0 if draft.detail else 0.0)
        self._job = AbxJob(request)
        self._job.start()
        self._timer.start()
        if isinstance(self._page, AbxSetupPage):
            self._page.show_progress(0, 0)

    def _poll(self) -> None:
        job, page = self._job, self._page
        if job is None or not isinstance(page, AbxSetupPage):
            return
        if not job.done():
            page.show_progress(*job.steps)
            return
        self._job = None
        self._timer.stop()
        if job.result is None:
            page.show_problem(job.error)
            return
        self._sounds = str(job.result.a), str(job.result.b)
        self._begin()

    def _begin(self) -> None:
        """Begin a test in a new order."""
        assert self._draft is not None
        self._seed, self._ended, self._x_heard = secrets.randbelow(_MAX_SEED), False, False
        self.test = AbxTest(hidden_sides(self._draft.trials, self._seed))
        self._show_page()

    def _show_page(self) -> None:
        assert self._draft is not None
        a, b = self._draft.models
        page = AbxPage((self._titles[a], self._titles[b]))
        page.play_requested.connect(self._play)
        page.answered.connect(self._answer)
        page.end_requested.connect(self._end)
        page.again_requested.connect(self._begin)
        page.back_requested.connect(self.ask_to_leave)
        self._page = page
        self._put(page)
        self._show()
        page.sounds["a"].setFocus()

    def _play(self, which: str) -> None:
        """Hear a sound: another one goes on at the same place, the same one begins again."""
        if self.test is None or self._sounds is None:
            return
        side: Side = self.test.x if which == "x" else "b" if which == "b" else "a"
        index = SIDES.index(side)
        if self.heard and self.heard != which:
            self._voice.switch(index)
        else:
            self._voice.play(self._sounds, index)
        self.heard = which
        self._x_heard |= which == "x"
        self._show()

    def _answer(self, side: Side) -> None:
        if self.test is None or self.test.complete or not self._x_heard:
            return
        self._stop()
        self.test.answer(side)
        self._x_heard = False
        self._ended = self.test.complete
        self._show()

    def _end(self) -> None:
        self._stop()
        self._ended = True
        self._show()

    def _stop(self) -> None:
        self._voice.stop()
        self.heard = ""

    def _follow(self, problem: str) -> None:
        """Show that the sound has ended, or another part of the program plays."""
        self.heard = ""
        self._show()
        if problem:
            self._messages.show_problem(problem)

    def _leave(self) -> None:
        self.close()
        self.left.emit()

    def _show(self) -> None:
        if isinstance(self._page, AbxPage) and self.test is not None:
            self._page.show_test(self.test, self.heard, x_heard=self._x_heard, ended=self._ended, seed=self._seed)


def answers_text(count: int) -> str:
    """Return a number of answers in words."""
    return "One answer" if count == 1 else f"{count} answers"
