"""The pad with its dimension choosers and the families' legend."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from synth_app.session import ModelChanged, PadChanged, SoundChanged
from synth_app.ui.bonds import Bonds
from synth_app.ui.families import family_look, family_title, shape_path
from synth_app.ui.notes import NotePlayer
from synth_app.ui.pad import Pad, PadView
from synth_app.ui.panel import Panel, label
from synth_app.ui.theme import font, px, qcolor


class Legend(QWidget):
    """Mark and name of each family present, flowing over as many rows as they take."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._families: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Families")

    def set_families(self, families: tuple[str, ...]) -> None:
        """Show these."""
        self._families = families
        self.setAccessibleDescription(", ".join(map(family_title, families)))
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Two rows at most sizes."""
        return QSize(px(300), self.minimumHeight())

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Flow anew."""
        self._fit()

    def places(self) -> list[QRect]:
        """A cell per family."""
        metrics, x, y, out = self.fontMetrics(), 0, 0, []
        height = px(18)
        for family in self._families:
            width = metrics.horizontalAdvance(family_title(family)) + px(26)
            if x and x + width > self.width() + px(10):  # the last cell's gap may stick out
                x, y = 0, y + height
            out.append(QRect(x, y, width, height))
            x += width
        return out

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        for family, cell in zip(self._families, self.places(), strict=True):
            look, middle = family_look(family), QRectF(cell).center().y()
            painter.setPen(QPen(qcolor("panel"), 1))
            painter.setBrush(QColor(look.color))
            painter.drawPath(shape_path(look.shape, QPointF(cell.left() + px(6), middle), px(4.5)))
            painter.setPen(qcolor("muted"))
            painter.drawText(cell.adjusted(px(15), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, family_title(family))

    def _fit(self) -> None:
        self.setFont(font("caption"))
        places = self.places()
        self.setFixedHeight(places[-1].bottom() + 1 if places else px(18))
        self.update()


class PadPanel(Panel):
    """Joins the pad to the store and to the ear."""

    def __init__(self, bonds: Bonds, notes: NotePlayer, parent: QWidget | None = None) -> None:
        super().__init__("Pad", parent)
        self._store, self._notes = bonds.store, notes
        self.pad = Pad()
        self.legend = Legend()
        self.choosers = (self._chooser("Horizontal dimension", 0), self._chooser("Vertical dimension", 1))
        for name, chooser in zip(("X", "Y"), self.choosers, strict=True):
            self.header.addWidget(label(name, "muted"))
            self.header.addWidget(chooser)
        self.box.addWidget(self.pad, 1)
        self.box.addWidget(self.legend)
        self.pad.moved.connect(self._moved)
        self.pad.note_chosen.connect(self._chosen)
        self.pad.reset_asked.connect(self._reset)
        bonds.on(ModelChanged, lambda _: self._show_model())
        bonds.on(PadChanged, lambda _: self._show_view())
        bonds.on(SoundChanged, lambda _: self.show_state())
        self._show_model()

    def show_state(self) -> None:
        """Move the cursor and the slot marks to the store's values."""
        store, (x, y) = self._store, self._store.state.pad
        values = store.latent_values()
        if len(values) > max(x, y):
            self.pad.set_cursor_values(float(values[x]), float(values[y]))
            self.pad.set_slots(store.sound.slot_a, store.sound.slot_b)

    def _chooser(self, name: str, axis: int) -> QComboBox:
        box = QComboBox()
        box.setProperty("compact", True)
        box.setAccessibleName(name)
        box.setToolTip(f"{name} of the pad")
        box.setMinimumWidth(px(104))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(lambda index, axis=axis: self._axis_chosen(axis, index))
        return box

    def _axis_chosen(self, axis: int, dim: int) -> None:
        pad = list(self._store.state.pad)
        if dim == pad[1 - axis]:
            pad[1 - axis] = pad[axis]  # the same on both axes would be a line: swap them
        pad[axis] = dim
        self._store.set_pad(*pad)

    def _show_model(self) -> None:
        model = self._store.model
        for chooser in self.choosers:
            chooser.clear()
            chooser.addItems(list(model.card.axis_names) if model else [])
            chooser.setEnabled(model is not None)
        self.legend.set_families(tuple(sorted({note.family for note in self._store.bank})))
        self._show_view()

    def _show_view(self) -> None:
        store, (x, y) = self._store, self._store.state.pad
        if store.model is None or max(x, y) >= len(store.ranges):
            self.pad.set_view(None)
            return
        for chooser, dim in zip(self.choosers, (x, y), strict=True):
            chooser.setCurrentIndex(dim)
        (x0, x1), (y0, y1) = store.ranges[x], store.ranges[y]
        names = store.model.card.axis_names
        self.pad.set_view(
            PadView(
                notes=store.bank,
                points=store.note_centers[:, [x, y]],
                x_range=(float(x0), float(x1)),
                y_range=(float(y0), float(y1)),
                names=(names[x], names[y]),
            )
        )
        self.show_state()

    def _moved(self, x_value: float, y_value: float) -> None:
        x, y = self._store.state.pad
        self._store.set_latents({y: y_value, x: x_value}.items())

    def _reset(self) -> None:
        center = self._store.center()
        self._store.set_latents([(dim, float(center[dim])) for dim in self._store.state.pad])

    def _chosen(self, slot: str, index: int) -> None:
        self._store.show_note("b" if slot == "b" else "a", index)
        note = self._store.bank[index]
        self._notes.audition(note.pitch, note.velocity)
