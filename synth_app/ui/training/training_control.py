"""Trains models beside the window: opens its window, runs check and training, and loads what can be heard."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from synth_app.export.jobs.check_job import CheckJob
from synth_app.export.jobs.train_job import TrainJob
from synth_app.modelfile import ModelEntry
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session.trainings.lengths import lengths
from synth_app.session.trainings.library import TrainingEntry, TrainingLibrary
from synth_app.session.trainings.own_models import own_models
from synth_app.session.trainings.plan import PLAN_NAME, Beginning, read_plan
from synth_app.support.errors import UserError
from synth_app.ui.base.question import ask
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.samples import Samples
from synth_app.ui.ports.shell import Messages
from synth_app.ui.settings.model_control import ModelControl
from synth_app.ui.training.abx_control import AbxControl
from synth_app.ui.training.abx_setup_page import AbxSetupPage
from synth_app.ui.training.check_page import CheckPage
from synth_app.ui.training.own_lists import OwnLists
from synth_app.ui.training.own_model_actions import OwnModelActions
from synth_app.ui.training.run_state import RunState
from synth_app.ui.training.start_page import Draft, StartPage
from synth_app.ui.training.training_messages import TrainingMessages
from synth_app.ui.training.training_window import TrainingWindow

if TYPE_CHECKING:  # pyqtgraph is imported when the first of these pages opens
    from synth_app.ui.training.run_page import RunPage

_POLL_MS = 200
_FULL_BAND_HZ = 48_000


class TrainingControl(QObject):
    """Owns the training, which goes on while its window is closed.

    Args:
        messages: the main window. models: loads models. services: the user's presets and sounds.
        samples: plays what is compared.
        share: opens the dialog that writes a pack with a model.

    Attributes:
        window: while it is open.
        own: what is done with the user's models. abx: blind comparisons of models.
        state: of the training that runs or is shown; None before the first.
        question: the last one asked.
    """

    def __init__(
        self,
        messages: Messages,
        models: ModelControl,
        services: Services,
        samples: Samples,
        share: Callable[[Path], object],
    ) -> None:
        super().__init__(messages.as_widget())
        self._messages, self._models, self._share = TrainingMessages(messages), models, share
        self.own = OwnModelActions(self._messages, models, services.presets, self._models_changed)
        self.abx = AbxControl(self._messages, services.sounds, samples, self._put)
        self.abx.left.connect(self._show_start)
        self._draft = Draft()
        self._check: CheckJob | None = None
        self._job: TrainJob | None = None
        self.window: TrainingWindow | None = None
        self.state: RunState | None = None
        self.question: QMessageBox | None = None
        self._run_page: RunPage | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether a training runs or waits."""
        return self._job is not None

    def open(self) -> TrainingWindow:
        """Open the window, or raise it; a training that runs is shown."""
        if self.window is None:
            self.window = TrainingWindow(self._messages.as_widget())
            self.window.closed.connect(self._closed)
            self._messages.window = self.window
            self._show_first()
            self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        return self.window

    def compare(self) -> None:
        """Set up a blind comparison; A is the model that plays. One that is set up or taken already is shown."""
        window = self.open()
        if not self.abx.taking and not isinstance(window.page, AbxSetupPage):
            self._end_check()
            self._compare(self._models.present)

    def rebuild(self) -> None:
        """Make the window again in the present theme and zoom.

        A blind comparison goes on; choices on the page of the check are made anew.
        """
        before = self.window
        if before is None:
            return
        if self.abx.taking:
            before.closed.disconnect(self._closed)
            self.window = None
            before.deleteLater()
        before.close()
        self.open()

    def close(self) -> None:
        """End check and training; the training goes on from its last complete epoch when it is opened again."""
        self._end_check()
        self.abx.close()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._timer.stop()
        if self.window is not None:
            self.window.close()

    # ---- pages

    def _show_first(self) -> None:
        if self.abx.taking:
            self.abx.rebuild()
        elif self.state is not None and self._job is not None:
            self._show_run(self.state)
        else:
            self._show_start()

    def _keep_draft(self) -> None:
        if self.window is not None and isinstance(self.window.page, StartPage):
            self.window.page.keep_draft()

    def _show_start(self) -> OwnLists:
        self._keep_draft()
        lists = OwnLists()
        lists.open_requested.connect(self._open_training)
        lists.remove_requested.connect(self._ask_to_remove)
        lists.load_requested.connect(self._models.load)
        lists.rename_requested.connect(lambda entry: self.own.ask_rename(self.open(), entry))
        lists.share_requested.connect(self._share)
        lists.compare_requested.connect(self._compare)
        lists.delete_requested.connect(lambda entry: self.own.ask_delete(self.open(), entry))
        page = StartPage(self._draft, self._beginnings(), lists)
        page.check_requested.connect(self._start_check)
        page.compare_requested.connect(self.compare)
        if self.window is not None:
            page.check.pressed.connect(self.window.clear)
        self._put(page)
        page.folder.setFocus()
        self._fill(lists)
        return lists

    def _fill(self, lists: OwnLists) -> None:
        running = self.state.entry.folder if self._job is not None and self.state is not None else None
        lists.show_entries(TrainingLibrary().entries(), try_action(self._messages, own_models) or (), running)

    def _beginnings(self) -> tuple[ModelEntry, ...]:
        """Return the models that a training can begin with, the default first."""
        found = [each for each in self._models.entries if each.card and each.card.spec.sample_rate == _FULL_BAND_HZ]
        return tuple(sorted(found or self._models.entries, key=lambda each: each.path.stem != DEFAULT_MODEL))

    def _start_check(self, beginning: Beginning) -> None:
        if self._job is not None:
            self._messages.show_problem("a training runs; stop it or let it finish before you begin another")
            return
        page = CheckPage(lengths(beginning))
        page.back_requested.connect(self._leave_check)
        page.train_requested.connect(lambda: self._start_training(page, beginning))
        page.show_progress(0, 0)
        self._check = CheckJob(Path(self._draft.folder), beginning)
        self._check.start()
        self._timer.start()
        self._put(page)

    def _leave_check(self) -> None:
        self._end_check()
        self._show_start()

    def _end_check(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None

    def _start_training(self, page: CheckPage, beginning: Beginning) -> None:
        draft = self._draft

        def create() -> TrainingEntry:
            return TrainingLibrary().create(
                draft.name, Path(draft.folder), page.choices(), beginning, licence=draft.licence, epochs=page.epochs()
            )  # fmt: skip

        entry = try_action(self._messages, create)
        if entry is not None:
            self._end_check()
            self._run(entry)

    def _open_training(self, entry: TrainingEntry) -> None:
        if self._job is not None and self.state is not None:
            self._show_run(self.state)
            if entry.folder != self.state.entry.folder:
                self._messages.show_message(f"{self.state.entry.plan.name} is being trained; open the other one later")
        elif entry.finished:
            self.state = RunState.of(entry)
            self._show_run(self.state)
        else:
            self._run(entry)

    def _show_run(self, state: RunState) -> None:
        from synth_app.ui.training.run_page import RunPage

        page = RunPage("PCA" if state.entry.plan.family else "Before the training")
        page.pause_requested.connect(self._pause)
        page.go_on_requested.connect(self._go_on)
        page.stop_requested.connect(self._stop)
        page.listen_requested.connect(self._models.load)
        page.back_requested.connect(self._show_start)
        self._put(page)
        self._run_page = page
        page.show_state(state)

    def _put(self, page: QWidget) -> None:
        if self.window is not None:
            self._keep_draft()
            self.window.show_page(page)

    # ---- training

    def _run(self, entry: TrainingEntry) -> None:
        self.state = RunState.of(entry)
        self._job = TrainJob(entry.folder)
        self._job.start()
        self._timer.start()
        self._show_run(self.state)

    def _pause(self) -> None:
        if self._job is None or self.state is None:
            return
        if self._job.paused:
            self._job.go_on()
        else:
            self._job.pause()
        self.state.paused = self._job.paused
        self._refresh_run()

    def _go_on(self) -> None:
        if self.state is not None and self._job is None:
            self._run(self.state.entry)

    def _stop(self) -> None:
        if self._job is not None and self.state is not None:
            self._job.cancel()
            self._job = None
            self.state.stopped, self.state.paused = True, False
            self._refresh_run()

    def _poll(self) -> None:
        self._poll_check()
        self._poll_training()
        if self._check is None and self._job is None:
            self._timer.stop()

    def _poll_check(self) -> None:
        job, page = self._check, self.window.page if self.window else None
        if job is None:
            return
        ended = job.done()
        if ended:
            self._check = None
        if not isinstance(page, CheckPage):
            return
        if ended and job.result is None:
            self._show_start()
        if job.error:
            self._messages.show_problem(job.error)
        if job.result is None:
            if not ended:
                page.show_progress(*job.files)
            return
        if page.result is None:
            page.show_result(job.result)
            page.show_measuring()
        if ended:
            page.show_speed(job.epoch_s)

    def _poll_training(self) -> None:
        job, state = self._job, self.state
        if job is None or state is None:
            return
        ended, messages = job.done(), job.take()
        for message in messages:
            state.add(message)
        if ended:
            self._job = None
            state.error = job.error
            self._tell_end(state)
        if messages or ended:
            self._refresh_run()

    def _refresh_run(self) -> None:
        page = self.window.page if self.window else None
        if isinstance(page, StartPage) and self._job is None:
            self._fill(page.lists)  # it has ended
        if page is not None and page is self._run_page and self.state is not None:
            self._run_page.show_state(self.state)

    def _tell_end(self, state: RunState) -> None:
        if state.done is None:
            self._messages.show_problem(f"{state.entry.plan.name}: {state.error}")
            return
        state.entry = TrainingEntry(state.entry.folder, read_plan(state.entry.folder / PLAN_NAME))
        path = state.done.path
        self._models.loader.refresh()
        self._messages.offer_action(f"{state.entry.plan.name} is trained", "Play it", lambda: self._models.load(path))

    # ---- own trainings and models

    def _compare(self, path: Path) -> None:
        own = try_action(self._messages, own_models) or ()
        others = [each for each in self._models.entries if each.path not in {mine.path for mine in own}]
        self.abx.open((*own, *others), path)

    def _ask_to_remove(self, entry: TrainingEntry) -> None:
        if self._job is not None and self.state is not None and self.state.entry.folder == entry.folder:
            self._messages.show_problem(f"{entry.plan.name} is being trained; stop it first")
            return
        question = f"Delete the training {entry.plan.name} with its checkpoints? The finished model stays."
        self.question = ask(self.open(), question, "Delete", "Keep", lambda: self._remove(entry))

    def _remove(self, entry: TrainingEntry) -> None:
        problem = ""
        try:
            TrainingLibrary().remove(entry)
        except UserError as error:
            problem = str(error)
        self._show_start()
        if problem:
            self._messages.show_problem(problem)  # after the page: a new page removes the messages

    def _models_changed(self, path: Path | None) -> None:
        if self.window is None or not isinstance(self.window.page, StartPage):
            return
        lists = self._show_start()
        if path is not None:
            lists.choose_model(path)

    def _closed(self) -> None:
        self._end_check()
        self._keep_draft()
        if self.window is not None:
            self.window.deleteLater()
            self.window = self._messages.window = None
        self.abx.wait()
