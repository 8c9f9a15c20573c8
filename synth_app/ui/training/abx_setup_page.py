"""The page on which a blind comparison is set up: which two models, what they play, and how many trials."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from synth_app.evaluation.abx import MAX_TRIALS, USUAL_TRIALS
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.ui.base.boxes import Picker, WholeBox, mark_field
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

_INTRO = (
    "Two models play the same notes, equally loud. In each trial X is one of them, and you say which. At the end you "
    "learn whether you hear a difference, and how sure that is."
)
_DETAIL_TIP = "Add what each model misses of a recording, as when you play. Without it you compare the models alone"


@dataclass(frozen=True)
class AbxMaterial:
    """What both models can play. ``notes`` are those of a training, ``sound`` is the user's; neither: a bank note."""

    title: str
    notes: Path | None = None
    sound: SoundEntry | None = None


@dataclass(frozen=True)
class AbxDraft:
    """What the fields hold: files of the models, the material, the number of trials, and Detail."""

    models: tuple[Path, Path]
    material: AbxMaterial
    trials: int
    detail: bool


class AbxSetupPage(QWidget):
    """Emits ``start_requested`` with an ``AbxDraft``.

    Args:
        models: titles and files. first: file of A.
        materials: returns what two models can play, the most suitable first.
    """

    start_requested = Signal(object)
    back_requested = Signal()

    def __init__(
        self, models: Sequence[tuple[str, Path]], first: Path,
        materials: Callable[[tuple[Path, Path]], Sequence[AbxMaterial]],
    ) -> None:  # fmt: skip
        super().__init__()
        self._materials = materials
        self.a, self.b, self.material = Picker(), Picker(), Picker()
        for title, path in models:
            self.a.addItem(title, path)
            self.b.addItem(title, path)
        paths = [path for _, path in models]
        self.a.setCurrentIndex(paths.index(first) if first in paths else 0)
        self.b.setCurrentIndex(next((i for i, path in enumerate(paths) if path != first), -1))
        self.trials = WholeBox(1, MAX_TRIALS, USUAL_TRIALS)
        self.detail = QCheckBox("Add what each model misses")
        self.detail.setChecked(True)
        self.detail.setToolTip(_DETAIL_TIP)
        self.problem = label("", "problem")
        self.problem.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Sounds rendered")
        self.progress.hide()
        self.status = label("", "muted")
        self.status.hide()
        self.start, self.back = QPushButton("Start"), QPushButton("Back")
        self.start.setProperty("kind", "primary")
        self.start.clicked.connect(self._request)
        self.back.clicked.connect(self.back_requested)
        self.material.setPlaceholderText("Nothing that both can play")
        for picker in (self.a, self.b):
            picker.currentIndexChanged.connect(self._show_materials)
        self._lay_out()
        self._show_materials()

    def show_draft(self, draft: AbxDraft) -> None:
        """Choose what was chosen before, as far as it is still there."""
        for picker, path in zip((self.a, self.b), draft.models, strict=True):
            paths = [picker.itemData(i) for i in range(picker.count())]
            if path in paths:
                picker.setCurrentIndex(paths.index(path))
        material = self.material.findText(draft.material.title)
        if material >= 0:
            self.material.setCurrentIndex(material)
        self.trials.setValue(draft.trials)
        self.detail.setChecked(draft.detail)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start with Return from any field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat() and self.start.isEnabled():
                self.start.click()
        else:
            super().keyPressEvent(event)

    def show_problem(self, text: str) -> None:
        """Show why the test cannot begin, "" for nothing; the fields can be changed."""
        self.problem.setText(sentence(text) if text else "")
        mark_field(self.b, "")
        self._set_busy(False)

    def show_progress(self, done: int, total: int) -> None:
        """Show how many parts are rendered; the fields wait."""
        self._set_busy(True)
        self.status.setText(f"Rendering the sounds: {done} of {total}" if total else "Starting to render the sounds")
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _set_busy(self, busy: bool) -> None:
        for each in (self.progress, self.status):
            each.setVisible(busy)
        for field in (self.a, self.b, self.material, self.trials, self.detail):
            field.setEnabled(not busy)
        self.start.setEnabled(not busy and self.b.currentIndex() >= 0)

    def _request(self) -> None:
        models: tuple[Path, Path] = (self.a.currentData(), self.b.currentData())
        material = self.material.currentData()
        if models[0] == models[1]:
            self.show_problem("A and B are the same model; choose two")
            mark_field(self.b, self.problem.text())
            self.b.setFocus()
        elif material is None:
            self.show_problem(
                "these models have no note in common, and there is no sound of yours that both could play; add one to "
                "your sounds"
            )
        else:
            self.show_problem("")
            self.start_requested.emit(AbxDraft(models, material, self.trials.value(), self.detail.isChecked()))

    def _show_materials(self) -> None:
        """Fill the list with what both models can play."""
        self.material.clear()
        if min(self.a.currentIndex(), self.b.currentIndex()) >= 0:
            for each in self._materials((self.a.currentData(), self.b.currentData())):
                self.material.addItem(each.title, each)
        self.material.setCurrentIndex(0 if self.material.count() else -1)  # a picker with a placeholder chooses none
        self.show_problem("" if self.b.count() > 1 else "there is only one model; train or import another one")

    def _lay_out(self) -> None:
        form = form_layout()
        rows: tuple[tuple[str, QWidget], ...] = (
            ("A", self.a), ("B", self.b), ("Both play", self.material), ("Trials", self.trials),
        )  # fmt: skip
        for text, field in rows:
            field.setAccessibleName(text)
            form_row(form, text, field)
        detail = QHBoxLayout()
        detail.addWidget(self.detail)
        detail.addStretch(1)
        form_row(form, "Detail", detail)
        self.detail.setAccessibleDescription(_DETAIL_TIP)
        intro, few = (
            label(_INTRO, "muted"),
            label(f"{USUAL_TRIALS} trials are usual. Fewer than 5 show nothing.", "muted"),
        )
        for paragraph in (intro, few):
            paragraph.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back)
        buttons.addWidget(self.problem, 1)
        buttons.addWidget(self.status)
        buttons.addWidget(self.progress, 1)
        buttons.addWidget(self.start, 0, Qt.AlignmentFlag.AlignBottom)
        buttons.setSpacing(px(GRID))
        box = QVBoxLayout(self)
        tight(box, 0, 2 * GRID)
        box.addWidget(label("Compare two models by ear", "heading"))
        box.addWidget(intro)
        box.addLayout(form)
        box.addWidget(few)
        box.addStretch(1)
        box.addLayout(buttons)
