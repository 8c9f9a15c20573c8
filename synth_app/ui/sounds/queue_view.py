"""The rows of the import queue: each file with its state, and a button that takes it out."""

from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from synth_app.ui.base.plain_text import plain_tip
from synth_app.ui.sounds.import_queue import ImportQueue, QueueItem
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight

_WORDS = {"waiting": "waiting", "adding": "adding…", "done": "added"}
_MOST_ROWS = 40  # in sight; the rest is counted
_HEIGHT = 104


class QueueView(QFrame):
    """Shows the queue while it has something to say: files that wait, or that failed."""

    def __init__(self, queue: ImportQueue) -> None:
        super().__init__()
        self._queue = queue
        self.setProperty("well", True)
        self.setAccessibleName("Import queue")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Files added")
        self.summary = label("", "muted")
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("kind", "quiet")
        self.cancel.clicked.connect(self._press)
        self.rows = QWidget()
        self._column = QVBoxLayout(self.rows)
        tight(self._column, 0, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self.rows)
        head = QHBoxLayout()
        tight(head, 0, GRID)
        for widget, stretch in ((self.summary, 0), (self.progress, 1), (self.cancel, 0)):
            head.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        tight(column, GRID, 4)
        column.addLayout(head)
        column.addWidget(area, 1)
        self.setFixedHeight(px(_HEIGHT))
        queue.changed.connect(self.show_state)
        self.show_state()

    def texts(self) -> list[str]:
        """Return name and state of each row."""
        return [f"{item.title()}: {_state(item)}" for item in self._shown()]

    def show_state(self) -> None:
        """Show the queue."""
        items = self._queue.items
        done = sum(item.state in ("done", "failed") for item in items)
        failed = sum(item.state == "failed" for item in items)
        running = self._queue.running
        self.setVisible(running or failed > 0)
        self.progress.setRange(0, max(len(items), 1))
        self.progress.setValue(done)
        self.progress.setVisible(running)
        self.summary.setText(
            f"{done} of {len(items)} done" if running else f"{failed} of {len(items)} could not be added"
        )
        self.cancel.setText("Cancel all" if running else "Clear")
        if self.rows.isAncestorOf(QApplication.focusWidget() or self):
            self.cancel.setFocus()  # the row with the keyboard is made again
        while (row := self._column.takeAt(0)) is not None:
            if (widget := row.widget()) is not None:
                widget.deleteLater()
        for item in self._shown():
            self._column.addWidget(self._row(item))
        hidden = sum(item.state != "done" for item in items) - len(self._shown())
        if hidden > 0:
            self._column.addWidget(label(f"and {hidden} more", "caption"))
        self._column.addStretch(1)

    def _shown(self) -> list[QueueItem]:
        order = {"failed": 0, "adding": 1, "waiting": 2}
        rows = [item for item in self._queue.items if item.state in order]
        return sorted(rows, key=lambda item: order[item.state])[:_MOST_ROWS]

    def _row(self, item: QueueItem) -> QWidget:
        row = QWidget()
        box = QHBoxLayout(row)
        tight(box, 0, GRID)
        name = label(item.title())
        state = label(_state(item), "problem" if item.state == "failed" else "muted")
        state.setToolTip(plain_tip(_state(item)))
        state.setMinimumWidth(px(40))
        box.addWidget(name)
        box.addWidget(state, 1)
        if item.state != "failed":
            button = QPushButton("Cancel")
            button.setProperty("kind", "quiet")
            button.setAccessibleName(f"Cancel {item.title()}")
            button.clicked.connect(lambda _=False: self._queue.cancel(item))
            box.addWidget(button)
        return row

    def _press(self) -> None:
        if self._queue.running:
            self._queue.cancel_all()
        else:
            self._queue.clear()


def _state(item: QueueItem) -> str:
    return item.problem if item.state == "failed" else _WORDS[item.state]
