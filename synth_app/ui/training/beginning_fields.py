"""The fields that say what a training begins with: a model to fine-tune, or the family and size of a new one."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QWidget

from synth_app.modelfile import ModelEntry
from synth_app.session.trainings.lengths import is_trained
from synth_app.session.trainings.plan import LATENT_SIZES, Beginning, FineTuning, NewModel
from synth_app.training.families.registry import offered_families
from synth_app.training.train import TORCH_COMMAND
from synth_app.ui.base.boxes import Picker, WholeBox
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_row, label
from synth_app.ui.widgets.segments import Segments

_FINE_TUNE, _NEW = "fine-tune", "new"
_WAYS = (
    (_FINE_TUNE, "Fine-tune a model", "Train a model further on your notes. It needs few of them"),
    (_NEW, "Fit a new one", "Learn from your notes alone. The more notes, the better"),
)
_USUAL_FAMILY = "residual-vae"
_FINE_TUNING = "Trains further on your notes. The latent size stays."
_SIZE_TIP = "Number of latent dimensions. Few are easy to play by hand, many come nearer to the recordings"


@dataclass(frozen=True)
class NewModelDraft:
    """A new model as the fields hold it."""

    family: str = _USUAL_FAMILY
    latent_size: int = 16


class BeginningFields:
    """Rows of a form.

    Args:
        entries: models that a training can begin with.
        start: path of the one that is chosen, "" for the first.
        new: the new model to fit; None to fine-tune.

    Attributes:
        way: fine-tune a model, or fit a new one.
        models: the model to fine-tune.
        families: family of a new model. size: its latent size. summary: what sets the family apart.
    """

    def __init__(self, entries: tuple[ModelEntry, ...], start: str, new: NewModelDraft | None) -> None:
        self.way = Segments("Training", _WAYS)
        self.models, self.families = Picker(), Picker()
        for entry in entries:
            if entry.card is not None:
                self.models.addItem(entry.card.title, str(entry.path))
        self.models.setCurrentIndex(max(self.models.findData(start), 0))
        self._summaries = {each.name: each.summary for each in offered_families()}
        for each in offered_families():
            self.families.addItem(each.title, each.name)
        held = new or NewModelDraft()
        self.families.setCurrentIndex(self.families.findData(held.family))
        self.size = WholeBox(*LATENT_SIZES, held.latent_size)
        self.size.setToolTip(_SIZE_TIP)
        self.size.setAccessibleDescription(_SIZE_TIP)
        self.summary = label("", "muted")
        self.summary.setWordWrap(True)
        self.way.show_choice(_FINE_TUNE if new is None else _NEW)

    def start(self) -> str:
        """Return the path of the model to fine-tune, "" without one."""
        return str(self.models.currentData() or "")

    def new_model(self) -> NewModelDraft | None:
        """Return the new model to fit; None to fine-tune."""
        if self.way.choice == _FINE_TUNE:
            return None
        return NewModelDraft(str(self.families.currentData()), self.size.value())

    def chosen(self) -> Beginning | None:
        """Return what the training begins with; None if there is no model to fine-tune."""
        new = self.new_model()
        if new is not None:
            return NewModel(new.family, new.latent_size)
        return FineTuning(Path(self.start())) if self.start() else None

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows to a form."""
        for name, field in (("Begin with", self.models), ("Family", self.families), ("Latent size", self.size)):
            field.setAccessibleName(name)
        way, new = QHBoxLayout(), QWidget()
        way.addWidget(self.way)
        way.addStretch(1)
        form_row(form, "Training", way)
        form_row(form, "Begin with", self.models)
        line = QHBoxLayout(new)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(GRID))
        line.addWidget(self.families, 1)
        line.addWidget(label("Latent size", "muted"))
        line.addWidget(self.size)
        form_row(form, "Family", new)
        form.addRow("", self.summary)

        def show() -> None:
            fits_new = self.way.choice == _NEW
            form.setRowVisible(self.models, not fits_new)
            form.setRowVisible(new, fits_new)
            self._show_summary()

        self.way.chosen.connect(show)
        self.families.currentIndexChanged.connect(self._show_summary)
        show()

    def _show_summary(self) -> None:
        new, beginning = self.new_model(), self.chosen()
        text = _FINE_TUNING if new is None else self._summaries[new.family]
        if beginning is not None and is_trained(beginning) and find_spec("torch") is None:
            text = f"{text} Torch is not installed, so PCA is the result. To train networks: {TORCH_COMMAND}"
        self.summary.setText(text)
