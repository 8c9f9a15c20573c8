"""The modulation matrix: a row per connection from a source to a target, scaled by a second source."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.params import MACROS
from synth_app.patch.modulation_matrix import MAX_CONNECTIONS, Connection, mod_target
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.store.store import SessionStore
from synth_app.ui.modulation.mod_specs import amount_spec, source_choices, target_choices
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.widgets.amount_slider import AmountSlider
from synth_app.ui.widgets.panel import Panel, compact_combo, label, tight

_NEW_CONNECTION = ("lfo1", "pitch", 0.2)  # a vibrato
_MENU_FRACTION = 0.25  # of a target's range, for a connection made in a control's menu
_NO_VIA = "always"


def add_connection(store: SessionStore, source: str, target: str, amount: float | None = None) -> None:
    """Add a connection to the store's patch.

    Args:
        store: the session.
        source: name of a modulation source.
        target: name of a modulation target.
        amount: in the target's unit; None for a quarter of its range.

    Raises:
        UserError: all connections are used, or the model lacks the dimension.
    """
    amount = _MENU_FRACTION * mod_target(target).reach if amount is None else amount
    modulation = store.patch.modulation
    links = (*modulation.connections, Connection(source, target, amount))
    store.set_modulation(replace(modulation, connections=links))


class MatrixRow(QWidget):
    """The row of one connection; ``changed`` emits the changed Connection, ``removed`` requests to remove it."""

    changed = Signal(object)
    removed = Signal()

    def __init__(self, row: int, link: Connection, store: SessionStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row, self._link, self._store = row, link, store
        self._filled: object = None  # what the choices depend on
        number = row + 1
        self.on = QCheckBox()
        self.on.setAccessibleName(f"Connection {number} is on")
        self.on.setToolTip("Turn this connection on, or bypass it")
        self.source, self.via, self.target = (
            compact_combo(f"{what} {number}", min_width=72) for what in ("Source", "Scaled by", "Target")
        )
        self.via.setToolTip("A second source that scales the first one, for example the mod wheel for vibrato")
        self.amount = AmountSlider(amount_spec(link.target, row))
        self.remove = QToolButton()
        self.remove.setProperty("kind", "quiet")
        self.remove.setIcon(icon("close", "muted"))
        self.remove.setAccessibleName(f"Remove connection {number}")
        self.remove.setToolTip("Remove this connection")
        line = QHBoxLayout(self)
        tight(line, 0, 4)
        for widget, stretch in (
            (self.on, 0), (self.source, 4), (self.via, 4), (self.target, 5), (self.amount, 6), (self.remove, 0),
        ):  # fmt: skip
            line.addWidget(widget, stretch)
        self.show_link(link)
        self.on.clicked.connect(lambda on: self._change(on=on))
        self.source.activated.connect(lambda _: self._change(source=self.source.currentData()))
        self.via.activated.connect(lambda _: self._change(via=self.via.currentData()))
        self.target.activated.connect(lambda _: self._change_target(self.target.currentData()))
        self.amount.moved.connect(lambda value: self._change(amount=value))
        self.remove.clicked.connect(self.removed.emit)

    def show_link(self, link: Connection) -> None:
        """Show another connection; emits nothing."""
        self._link = link
        self._fill()
        self.on.setChecked(link.on)
        for box, key in ((self.source, link.source), (self.via, link.via), (self.target, link.target)):
            box.setCurrentIndex(max(box.findData(key), 0))
        self.amount.set_spec(amount_spec(link.target, self._row))
        self.amount.set_value(link.amount)
        for widget in (self.source, self.via, self.target, self.amount):
            widget.setProperty("off", not link.on)
        self.amount.setEnabled(link.on)

    def _fill(self) -> None:
        """List what can be chosen: shared parameters follow macros only, so each choice limits the others."""
        link, patch = self._link, self._store.patch
        macro, shared = link.source in MACROS, not mod_target(link.target).per_voice
        if self._filled != (macro and link.via in ("", *MACROS), shared, patch.macro_names):
            self._filled = (macro and link.via in ("", *MACROS), shared, patch.macro_names)
            sources = source_choices(patch, link.target)
            _list(self.source, sources)
            _list(self.via, (("", _NO_VIA, "Always at full depth"), *sources))
            only = link.source if link.via in ("", *MACROS) else link.via
            _list(self.target, target_choices(self._store.model, only))

    def _change_target(self, target: str) -> None:
        """Change the target and keep the amount's fraction of the target's range."""
        fraction = self._link.amount / mod_target(self._link.target).reach
        self._change(target=target, amount=fraction * mod_target(target).reach)

    def _change(self, **fields: Any) -> None:
        self._link = replace(self._link, **fields)
        self.changed.emit(self._link)


class MatrixPanel(Panel):
    """The store's connections, bound in both directions."""

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("Matrix", parent)
        self.setAccessibleName("Modulation matrix")
        self._store = subscriptions.store
        self.rows: list[MatrixRow] = []
        self.count = label("", "caption")
        self.add = QPushButton("Add")
        self.add.setProperty("kind", "quiet")
        self.add.setIcon(icon("plus", "muted"))
        self.add.setAccessibleName("Add a connection")
        self.add.setToolTip("Connect another source to a target")
        self.add.clicked.connect(lambda: add_connection(self._store, *_NEW_CONNECTION))
        self.header.insertWidget(1, self.count)
        self.header.addWidget(self.add)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        tight(self._column, 0, 2)
        self.empty = label("No connections. Add one, or right-click a control and choose Modulate with.", "muted")
        self.empty.setWordWrap(True)
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        self._area.setWidget(self._body)
        self.box.addWidget(self._area, 1)
        subscriptions.on(ModelChanged, lambda _: self._rebuild())
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    def show_state(self) -> None:
        """Show a row per connection of the store. Rows are reused, so a drag on one of them continues."""
        links = self._store.patch.modulation.connections
        grown = len(links) > len(self.rows)
        while len(self.rows) > len(links):
            self._drop(self.rows.pop())
        for row, link in zip(self.rows, links, strict=False):
            row.show_link(link)
        for i in range(len(self.rows), len(links)):
            row = MatrixRow(i, links[i], self._store, self._body)
            row.changed.connect(partial(self._changed, i))
            row.removed.connect(partial(self._removed, i))
            self._column.insertWidget(i + 1, row)
            self.rows.append(row)
        self.empty.setVisible(not links)
        self.count.setText(f"{len(links)} of {MAX_CONNECTIONS}" if links else "")
        self.add.setEnabled(len(links) < MAX_CONNECTIONS)
        if grown and self.rows:
            self._column.activate()
            self._area.ensureWidgetVisible(self.rows[-1])

    def _patch_changed(self, change: PatchChanged) -> None:
        before, after = change.before, change.after
        named = before.macro_names != after.macro_names
        if named or before.modulation.connections != after.modulation.connections:
            self.show_state()

    def _rebuild(self) -> None:
        for row in self.rows:
            self._drop(row)
        self.rows = []
        self.show_state()

    def _drop(self, row: MatrixRow) -> None:
        row.hide()
        self._column.removeWidget(row)
        row.deleteLater()

    def _changed(self, row: int, link: Connection) -> None:
        self._set_connections((*self._links()[:row], link, *self._links()[row + 1 :]))

    def _removed(self, row: int) -> None:
        self._set_connections((*self._links()[:row], *self._links()[row + 1 :]))

    def _links(self) -> tuple[Connection, ...]:
        return self._store.patch.modulation.connections

    def _set_connections(self, links: Iterable[Connection]) -> None:
        self._store.set_modulation(replace(self._store.patch.modulation, connections=tuple(links)))


def _list(box: QComboBox, choices: tuple[tuple[str, str, str], ...]) -> None:
    box.clear()
    for i, (key, text, tip) in enumerate(choices):
        box.addItem(text, key)
        box.setItemData(i, tip, Qt.ItemDataRole.ToolTipRole)
