"""The second page: the problems of the recordings, each with what is done about it."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from synth_app.dataset.check import Preflight
from synth_app.dataset.check.recordings import Action, Problem
from synth_app.dataset.recordings import FileChoice
from synth_app.session.trainings.lengths import USUAL, Length
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import plain_tip, sentence
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.training.run_state import duration
from synth_app.ui.widgets.panel import label, tight
from synth_app.ui.widgets.value_format import note_name

_ACTIONS: dict[Action, str] = {"fix": "Fix it", "leave out": "Leave out", "keep": "Use as it is"}
_LOWEST_KEY, _HIGHEST_KEY = 21, 108
_COLUMNS = ("Recording", "Problem", "Remedy", "What to do")


class CheckPage(QWidget):
    """Shows the progress of the check, then its result, and asks how long to train.

    Args:
        lengths: of the training; none where nothing is trained.

    Attributes:
        pickers: by problem, what is done about it.
        length: how long to train, by epochs.
    """

    back_requested = Signal()
    train_requested = Signal()

    def __init__(self, lengths: tuple[Length, ...]) -> None:
        super().__init__()
        self.result: Preflight | None = None
        self.pickers: dict[Problem, Picker] = {}
        self.summary = label("", "title")
        self.remarks = label("", "muted")
        for text in (self.summary, self.remarks):
            text.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Recordings checked")
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Problems of the recordings")
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setWordWrap(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().setMinimumSectionSize(px(32))
        header = self.table.horizontalHeader()
        for column, mode in enumerate((_FIT, _STRETCH, _STRETCH, _FIT)):
            header.setSectionResizeMode(column, mode)
        self._lengths = lengths
        self.length = Picker()
        self.length.setAccessibleName("Length of the training")
        self.length.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToContents)
        for each in lengths:
            self.length.addItem(f"{each.name} ({each.epochs} epochs)", each.epochs)
        self.length.setCurrentIndex(USUAL)
        self.length.setToolTip("Measured on this computer. Encoding the notes at the end comes on top")
        self.time = label("", "muted")
        self.back, self.train = QPushButton("Back"), QPushButton("Train")
        self.train.setProperty("kind", "primary")
        self.back.clicked.connect(self.back_requested)
        self.train.clicked.connect(self.train_requested)
        self._lay_out()

    def show_progress(self, done: int, total: int) -> None:
        """Show how many files are checked."""
        self.result = None
        self.summary.setText("Checking the recordings…")
        self.remarks.setText("")
        self.table.hide()
        self.progress.show()
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.train.setEnabled(False)

    def show_result(self, result: Preflight) -> None:
        """Show the problems; the suggested remedy of each is chosen."""
        self.result = result
        self.progress.hide()
        self.pickers = {}
        self.table.setRowCount(len(result.problems))
        for row, problem in enumerate(result.problems):
            name = str(problem.path.relative_to(result.folder))
            for column, text in enumerate((name, sentence(problem.what), sentence(problem.remedy))):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(row, column, item)
            picker = _picker(problem)
            picker.setAccessibleName(f"What to do about {name}: {problem.what}")
            picker.activated.connect(self._show_count)
            self.pickers[problem] = picker
            self.table.setCellWidget(row, 3, picker)
        self.table.resizeRowsToContents()
        self.table.setVisible(bool(result.problems))
        self.remarks.setText("\n".join(sentence(each) for each in result.remarks))
        self._show_count()
        next(iter(self.pickers.values()), self.train).setFocus()

    def show_measuring(self) -> None:
        """Say that the time of an epoch is being measured."""
        self.time.setText("Measuring how long it takes on this computer…" if self._lengths else "")

    def show_speed(self, epoch_s: float | None) -> None:
        """Show how long each length takes; None if that could not be measured."""
        self.time.setText("")
        if epoch_s is None:
            return
        for i, each in enumerate(self._lengths):
            self.length.setItemText(i, f"{each.name}: {duration(each.epochs * epoch_s)} ({each.epochs} epochs)")

    def epochs(self) -> int:
        """Return the chosen number of epochs."""
        return int(self.length.currentData() or 1)

    def choices(self) -> dict[Path, FileChoice]:
        """Return what is done with every file."""
        assert self.result is not None
        actions: dict[Problem, Action] = {}
        keys: dict[Path, int] = {}
        for problem, picker in self.pickers.items():
            chosen = picker.currentData()
            if isinstance(chosen, int):
                keys[problem.path] = chosen
            else:
                actions[problem] = chosen
        return self.result.choices(actions, keys)

    def _show_count(self) -> None:
        assert self.result is not None
        used = sum(not each.leave_out for each in self.choices().values())
        problems = len(self.result.problems)
        found = "no problems" if not problems else "1 problem" if problems == 1 else f"{problems} problems"
        self.summary.setText(
            f"{used} of {len(self.choices())} recordings are used, {self.result.seconds:.0f} s together; {found} found."
        )
        self.train.setEnabled(used > 0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.time)
        buttons.addWidget(self.length)
        buttons.addWidget(self.train)
        self.length.setVisible(bool(self._lengths))
        box = QVBoxLayout(self)
        tight(box, 0, 2 * GRID)
        box.addWidget(label("Check", "heading"))
        box.addWidget(self.summary)
        box.addWidget(self.remarks)
        box.addWidget(self.progress)
        box.addWidget(self.table, 1)
        box.addStretch(0)
        box.addLayout(buttons)


_FIT, _STRETCH = QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch


def _picker(problem: Problem) -> Picker:
    """Return the choices of a problem; a recording without a pitch can be given a key."""
    picker = Picker()
    picker.setProperty("compact", True)
    picker.setMinimumWidth(px(120))
    for action in problem.actions:
        picker.addItem(_ACTIONS[action], action)
    if problem.kind == "no pitch":
        for key in range(_LOWEST_KEY, _HIGHEST_KEY + 1):
            picker.addItem(f"It is {note_name(key)} ({key})", key)
    picker.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToContents)
    picker.view().setTextElideMode(Qt.TextElideMode.ElideNone)
    return picker
