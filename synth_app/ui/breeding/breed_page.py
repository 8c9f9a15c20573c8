"""The page that breeds: four variations of the present sound, heard by the keys 1 to 4, and the trail of picks."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from synth_app.params import ParamSpec
from synth_app.session.breeding.breed import VARIATIONS
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.breeding.breed_control import USUAL_STEP, BreedControl
from synth_app.ui.breeding.trail_view import TrailView
from synth_app.ui.breeding.variation_card import VariationCard
from synth_app.ui.presets.audition_control import AuditionControl
from synth_app.ui.presets.preset_tools import PresetTools
from synth_app.ui.presets.side_page import BREED, PRESETS, SidePage, tool_button
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import label, tight

_STEP = ParamSpec("step", "Step", "", 0, 1, USUAL_STEP, "linear", 0, "breed",
                  "How far variations are from their parent; Randomize and Mutate use it, too.")  # fmt: skip
_HINT = "Press 1 to 4 to hear, Enter to pick, 0 for the parent. Pinned handles stay."
_COLUMNS = 2


class BreedPage(SidePage):
    """A page of the window. Keys 1 to 4 let variations be heard wherever the focus is, unless the user types.

    Args:
        control: breeds.
        auditions: plays phrases.
        make_tools: makes the controls of chance and morph, for a function that returns the step.
        digits_of: widgets that use the keys 1 to 4 themselves while they have the focus.
    """

    def __init__(
        self,
        control: BreedControl,
        auditions: AuditionControl,
        make_tools: Callable[[Callable[[], float]], PresetTools],
        digits_of: tuple[QWidget, ...] = (),
    ) -> None:
        super().__init__(BREED, "Breed variations")
        self._control, self._auditions = control, auditions
        self._blocked = ""  # why a variation is not heard
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.step = Knob(_STEP)
        self.step.set_value(control.step)
        self.tools = make_tools(lambda: self.step.value)
        self.cards = tuple(VariationCard(i + 1) for i in range(VARIATIONS))
        self.trail = TrailView()
        self.note = label("", "muted")
        self.note.setWordWrap(True)
        self._make_buttons()
        self._make_shortcuts(digits_of)
        self._connect()
        self._lay_out()
        self.show_state()

    def enter(self) -> None:
        """Begin with the present sound."""
        self._blocked = ""
        self.setFocus()
        self._control.enter()

    def leave(self, following: str) -> None:
        """Return to the parent; the browser goes on with what is heard."""
        if following == PRESETS:
            self._auditions.hand_over()
        self._control.leave()

    def show_state(self) -> None:
        """Show the variations, which one is heard, and the trail; emits nothing."""
        control, present = self._control, self._control.generation
        variations = present.variations if present is not None else ()
        for i, card in enumerate(self.cards):
            card.show_variation(variations[i] if i < len(variations) else None, heard=control.heard == i)
        self.trail.show_generations(control.trail.generations, control.trail.at)
        self.pick.setEnabled(control.heard is not None)
        self.parent_button.setEnabled(bool(variations))
        self.again.setEnabled(not control.busy)
        if control.heard is not None:
            self._blocked = ""
        self.note.setText(self._blocked or self._note_text())

    # ---- Qt events

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to the digits."""
        super().showEvent(event)
        self._enable_shortcuts(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the digits alone."""
        super().hideEvent(event)
        self._enable_shortcuts(on=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick the variation that is heard on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._control.pick()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the digits to a widget that uses them itself."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        own = event.text() in _digits()
        if own:
            event.accept()
        return own

    # ---- internal

    def _note_text(self) -> str:
        control = self._control
        if control.problem:
            return sentence(control.problem)
        if control.busy:
            return "Breeding…"
        if control.generation is not None and control.heard is None and not control.parent_sounds:
            return "The sound has changed: New four breeds from it."
        return _HINT

    def _show_blocked(self, text: str) -> None:
        self._blocked = text
        self.show_state()

    def _enable_shortcuts(self, *, on: bool) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(on)

    def _make_shortcuts(self, digits_of: tuple[QWidget, ...]) -> None:
        self._shortcuts: list[QShortcut] = []
        acts: list[tuple[str, Callable[[], object]]] = [("0", self._control.hear_parent), ("Ctrl+Return", self._pick)]
        acts += [(str(i + 1), partial(self._control.hear, i)) for i in range(VARIATIONS)]
        for keys, act in acts:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setEnabled(False)
            shortcut.activated.connect(act)
            self._shortcuts.append(shortcut)
        for widget in digits_of:
            widget.installEventFilter(self)

    def _pick(self) -> None:
        self._control.pick()

    def _make_buttons(self) -> None:
        self.parent_button, self.pick, self.again = (QPushButton(text) for text in ("Parent", "Pick", "New four"))
        self.pick.setProperty("kind", "primary")
        tips = {
            self.parent_button: "Hear the parent of the variations (0)",
            self.pick: "Breed from the variation that is heard (Enter; Ctrl+Enter from anywhere)",
            self.again: "Breed four other variations of the parent",
        }
        for button, tip in tips.items():
            button.setToolTip(tip)
        self.phrases = tool_button("play", "Play phrases", "Play a phrase of each variation", checkable=True)
        self.phrases.setChecked(self._auditions.with_phrases)
        self.header.insertWidget(self.header.count() - 1, self.phrases)

    def _connect(self) -> None:
        control = self._control
        for i, card in enumerate(self.cards):
            card.clicked.connect(lambda _=False, i=i: control.hear(i))
            card.pick_requested.connect(partial(control.pick, i))
        self.parent_button.clicked.connect(lambda: control.hear_parent())
        self.pick.clicked.connect(lambda: control.pick())
        self.again.clicked.connect(lambda: control.again())
        self.step.moved.connect(control.set_step)
        self.trail.chosen.connect(control.go_back)
        self.phrases.toggled.connect(lambda on: self._auditions.set_phrases(on=on))
        self._auditions.phrases_changed.connect(self.phrases.setChecked)
        self._auditions.blocked.connect(self._show_blocked)
        control.changed.connect(self.show_state)

    def _lay_out(self) -> None:
        grid, top, buttons, below = QGridLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        grid.setSpacing(px(6))
        for i, card in enumerate(self.cards):
            grid.addWidget(card, i // _COLUMNS, i % _COLUMNS)
        for row in (top, buttons, below):
            tight(row, 0, 6)
        top.addWidget(self.step, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(grid, 1)
        for button in (self.parent_button, self.pick, self.again):
            buttons.addWidget(button, 1)
        below.addWidget(label("Trail", "muted"))
        below.addWidget(self.trail, 1)
        self.box.setSpacing(px(6))
        self.box.setContentsMargins(px(GRID), px(6), px(GRID), px(GRID))
        self.box.addLayout(top)
        self.box.addLayout(buttons)
        self.box.addWidget(self.note)
        self.box.addLayout(below)
        self.box.addStretch(1)
        self.box.addWidget(self.tools)


def _digits() -> frozenset[str]:
    return frozenset(str(i) for i in range(VARIATIONS + 1))
