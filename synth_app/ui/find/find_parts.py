"""The parts of the page "Something like this": its head, the side with the chosen find, the line of its state."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from synth_app.session.find.similar import Similar
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.drawing.elided_label import ElidedLabel
from synth_app.ui.find.find_list import KIND_TITLES, detail_text
from synth_app.ui.find.find_search import SearchState
from synth_app.ui.ports.shell import Place
from synth_app.ui.sounds.sounds_page import PLACES
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.busy_line import BusyLine
from synth_app.ui.widgets.panel import label, tight
from synth_app.ui.widgets.segments import Segments
from synth_app.ui.widgets.value_format import note_name

_SIDE = 236
ALL_KINDS = "all"
_KINDS = (
    (ALL_KINDS, "All", "Notes, your sounds and presets, the nearest first"),
    ("note", "Notes", "Only notes of the model"),
    ("sound", "Your sounds", "Only your sounds"),
    ("preset", "Presets", "Only presets; they count without effects and modulation"),
)


def kind_choice() -> Segments:
    """Return the choice of the kinds that are listed."""
    row = Segments("Show", _KINDS)
    layout = row.layout()
    assert isinstance(layout, QHBoxLayout)
    layout.addStretch(1)
    return row


class FindHead(QWidget):
    """The title, what is looked for, and the ways to look for something else."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.about = label("Something like this", "title"), ElidedLabel()
        self.open_file = _quiet("Open…", "plus", "Choose an audio file")
        self.record = _quiet("Record", "record", "Hum or play into a microphone or another input")
        self.present = _quiet("What plays now", "play", "Search for sounds like the one that the window plays")
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setProperty("kind", "quiet")
        self.close_button.setAccessibleName("Close something like this")
        self.close_button.setToolTip("Return to the sound before, and close (Esc)")
        self.busy = BusyLine()
        row = QHBoxLayout()
        tight(row, 0, 4)
        row.addWidget(self.title)
        row.addSpacing(px(GRID))
        row.addWidget(self.about, 1)
        for button in (self.open_file, self.record, self.present, self.close_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        tight(column, 0, 4)
        column.addLayout(row)
        column.addWidget(self.busy)

    def show_buttons(self, *, visible: bool) -> None:
        """Show or hide the buttons that the empty page has in its middle."""
        for each in (self.open_file, self.record, self.present):
            each.setVisible(visible)

    def show_search(self, state: SearchState) -> None:
        """Show what is looked for, and its key once that is known."""
        key = f" · {note_name(round(state.result.pitch))}" if state.result else ""
        self.about.show_text(f"{state.title}{key}" if state.title else "")
        self.busy.set_busy(state.searching)


class FindSide(QWidget):
    """The find of the current row: what it is, how near, and where it is taken to."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.about, self.near = label("", "title"), label("", "muted"), label("", "muted")
        for each in (self.name, self.about, self.near):
            each.setWordWrap(True)
        self.hear = QPushButton(icon("play"), "Hear")
        self.hear.setToolTip("Hear it at the key of what was looked for (Space)")
        self.place = Picker()
        self.place.setAccessibleName("Take notes and sounds to")
        self.place.setToolTip("Where a note or a sound is taken to; a preset replaces the whole sound")
        self.place.addItems([_capital(place.text()) for place in PLACES])
        self.take = QPushButton("Take")
        self.take.setProperty("kind", "primary")
        self.take.setToolTip("Keep it and close (Enter)")
        self.hint = label("", "caption")
        self.hint.setWordWrap(True)
        for button in (self.hear, self.take):
            button.setAutoDefault(False)
        self.setFixedWidth(px(_SIDE))
        column = QVBoxLayout(self)
        tight(column, 0, 6)
        for widget in (self.name, self.about, self.near, self.hear, self.place, self.take, self.hint):
            column.addWidget(widget)
        column.addStretch(1)
        self.show_item(None, heard=False, preparing=False)

    @property
    def chosen_place(self) -> Place:
        """Where a note or a sound is taken to."""
        return PLACES[self.place.currentIndex()]

    def show_place(self, place: Place) -> None:
        """Choose a place."""
        self.place.setCurrentIndex(PLACES.index(place))

    def show_item(self, item: Similar | None, *, heard: bool, preparing: bool) -> None:
        """Show the find of the current row, and whether it is heard."""
        self.hear.setEnabled(item is not None)
        self.take.setEnabled(item is not None)
        self.place.setEnabled(item is not None and item.kind != "preset")
        if item is None:
            self.name.setText("")
            self.about.setText("")
            self.near.setText("")
            self.hint.setText("Go through the list with the arrow keys: each sound is heard at once.")
            return
        self.name.setText(item.name)
        self.about.setText(f"{KIND_TITLES[item.kind]} · {detail_text(item)}")
        self.near.setText(f"{_capital(item.nearness_text)}, distance {item.distance:.1f}")
        to = "" if item.kind == "preset" else f" in {self.chosen_place.text()}"
        self.hint.setText(
            "It is being encoded for the model…" if preparing
            else f"You play it now. Enter keeps it{to}, Escape returns to the sound before." if heard
            else "Space lets you hear it."
        )  # fmt: skip


class FindStatus(QWidget):
    """The line below the list: progress, problems, and what the keys do."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.problem = label("", "caption"), label("", "problem")
        column = QVBoxLayout(self)
        tight(column, 0, 2)
        for each in (self.text, self.problem):
            each.setWordWrap(True)
            column.addWidget(each)

    def show_state(self, state: SearchState, nothing: str) -> None:
        """Show the state of the search.

        Args:
            state: to show.
            nothing: what is said if there is nothing that could be found.
        """
        problem, result = sentence(state.problem), state.result
        if result is not None and not result.found:
            problem = nothing
        elif result is not None and result.problems:
            problem = sentence(result.problems[0])
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        text = ""
        if state.to_measure:
            text = f"Measuring what can be found, once for this model: {state.measured} of {state.to_measure}"
        elif state.searching:
            text = "Searching…"
        elif result is not None and result.found:
            text = "Up and down: hear · Space: again · Enter: take · Escape: back to the sound before"
        self.text.setText(text)
        self.setAccessibleName(" ".join(each for each in (problem, text) if each))


def _quiet(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(icon(name, "muted"), text)
    button.setProperty("kind", "quiet")
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
