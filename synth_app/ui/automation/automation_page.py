"""The page of automation: one control's curve over time, edited by its points."""

from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from synth_app.params import HANDLE_REACH, HANDLES, PARAMS, SPECTRAL_HANDLES, ParamSpec, param
from synth_app.params.handles import HANDLES_GROUP
from synth_app.patch import AUTOMATION_RATE_HZ, MAX_AUTOMATION_S
from synth_app.patch.target import Target
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.edit.curve_points import Floats
from synth_app.session.state import automation_edit
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.base.boxes import DecimalBox
from synth_app.ui.graphs.curve_page import CurvePage, ShownCurve
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.axis_text import target_label
from synth_app.ui.widgets.handle_spec import handle_spec
from synth_app.ui.widgets.panel import compact_combo, label
from synth_app.ui.widgets.value_format import LATENT_GROUP, format_value

_NEW_S = 4.0  # length of an automation that begins here
_MIN_S = 2 / AUTOMATION_RATE_HZ  # the shortest automation
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # labelled normalized values of a parameter
_EMPTY = "There is no automation yet. Add a control to draw its curve, or record your moves with Ctrl+L."


class AutomationPage(CurvePage):
    """Edits the automation of the patch.

    Args:
        subscriptions: to the store.
        control: makes the changes, and knows the playing position.
        target: the control that is shown first; "" for the first one.
    """

    def __init__(self, subscriptions: Subscriptions, control: AutomationControl, target: str = "") -> None:
        super().__init__("Automation", format_value)
        self._store, self._control = subscriptions.store, control
        self._targets: tuple[str, ...] = ()
        self.chooser = compact_combo("Automated control", min_width=150)
        self.chooser.activated.connect(lambda _: self.show_state())
        self.tools.addWidget(self.chooser, 1)
        self.add = self.add_button("Add control", "Automate another control")
        self.add_menu = QMenu(self.add)
        self.add_menu.aboutToShow.connect(self._fill_menu)
        self.add.setMenu(self.add_menu)
        self.remove = self.add_button("Remove", "Remove the automation of this control")
        self.remove.clicked.connect(lambda: control.clear(self.target))
        self.length = _length_field()
        self.length.editingFinished.connect(self._set_length)
        self.tools.addWidget(self.length)
        self.tools.addStretch(1)
        self.empty = label(_EMPTY, "muted")
        self.add_graph()
        self.box.insertWidget(1, self.empty)
        pen = pg.mkPen(qcolor("text"), width=px(1.5))
        self._position = pg.InfiniteLine(angle=90, pen=pen, movable=False)
        rest_pen = pg.mkPen(qcolor("border"), style=Qt.PenStyle.DashLine)
        self._rest = pg.InfiniteLine(angle=0, pen=rest_pen, movable=False)
        for line in (self._position, self._rest):
            self.editor.addItem(line, ignoreBounds=True)
        control.changed.connect(self.show_state)
        control.position_changed.connect(self._show_position)
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()
        if target in self._targets:
            self._choose(target)

    @property
    def target(self) -> str | None:
        """The control whose curve is shown; None without automation."""
        row = self.chooser.currentIndex()
        return self._targets[row] if 0 <= row < len(self._targets) else None

    def chosen(self) -> str:
        """Return what is shown, for ``show_chosen``."""
        return self.target or ""

    def show_chosen(self, chosen: str) -> None:
        """Show what another page showed."""
        if chosen in self._targets:
            self._choose(chosen)

    def show_state(self) -> None:
        """Show the session's automation."""
        automation = self._control.automation
        self._fill(tuple(curve.target for curve in automation.curves) if automation else ())
        for widget in (self.chooser, self.remove, self.length, self.draw):
            widget.setEnabled(automation is not None)
        self.add.setEnabled(self._store.model is not None)
        self.empty.setVisible(automation is None)
        super().show_state()
        for line in (self._rest, self._position):
            line.setVisible(False)
        if automation is None or self.shown is None:
            return
        if not self.length.hasFocus():
            self.length.setValue(automation.seconds)
        self._rest.setPos(self.shown.rest)
        self._rest.setVisible(True)
        self._show_position()

    def read(self) -> ShownCurve | None:
        """Return the chosen control's curve, on the axis of the control itself."""
        automation, target = self._control.automation, self.target
        if automation is None or target is None:
            return None
        values = next(curve for curve in automation.curves if curve.target == target).array().astype(np.float64)
        found = Target.parse(target)
        dim = found.dimension
        name = target_label(target, self._store.model, self._store.patch)
        if found.handle is not None:
            spec = handle_spec(SPECTRAL_HANDLES[found.handle])
            self.editor.left.set_text(name, None)
            return ShownCurve(values, AUTOMATION_RATE_HZ, 0.0, -HANDLE_REACH, HANDLE_REACH, spec)
        if dim is None:
            spec = param(target)
            self.editor.left.set_text(
                name, lambda level: format_value(spec, spec.from_normalized(level)), lambda _low, _high: _QUARTERS
            )
            rest = spec.to_normalized(self._store.patch.value(target))
            return ShownCurve(values, AUTOMATION_RATE_HZ, rest, 0.0, 1.0, spec, normalized=True)
        if dim >= len(self._store.ranges):
            return None
        low, high = (float(end) for end in self._store.ranges[dim])
        spec = ParamSpec(target, name, "", low, high, 0.0, "linear", 0, LATENT_GROUP, "")
        self.editor.left.set_text(name, None)
        rest = float(self._store.latents.values()[dim])
        return ShownCurve(values, AUTOMATION_RATE_HZ, rest, low, high, spec)

    def write(self, values: Floats) -> None:
        """Give the changed curve to the session."""
        target = self.target
        if target is not None:
            self._control.edit(lambda automation: automation_edit.set_curve(automation, target, values), grows=True)

    def tempo_bpm(self) -> float:
        """Return the patch's tempo."""
        return self._store.patch.value("tempo_bpm")

    def reset_level(self, which: int) -> float | None:
        """Return the control's own position."""
        return 0.0

    # ---- internal

    def _choose(self, target: str) -> None:
        self.chooser.setCurrentIndex(self._targets.index(target))
        self.show_state()

    def _fill(self, targets: tuple[str, ...]) -> None:
        names = [target_label(target, self._store.model, self._store.patch) for target in targets]
        if targets == self._targets and names == [self.chooser.itemText(i) for i in range(self.chooser.count())]:
            return
        chosen, self._targets = self.target, targets
        self.chooser.clear()
        self.chooser.addItems(names)
        if chosen in targets:
            self.chooser.setCurrentIndex(targets.index(chosen))

    def _fill_menu(self) -> None:
        """List every control that is not automated yet: latent dimensions, then parameters by group."""
        for old in self.add_menu.findChildren(QMenu):
            old.setParent(None)
            old.deleteLater()
        self.add_menu.clear()
        used = set(self._targets)
        latents = [str(Target.latent(dim)) for dim in range(len(self._store.ranges))]
        groups = {"Handles": [handle.target for handle in HANDLES], "Latent": latents} | {
            group.capitalize(): [spec.name for spec in PARAMS if spec.group == group]
            for group in dict.fromkeys(spec.group for spec in PARAMS if spec.group != HANDLES_GROUP)
        }
        for title, names in groups.items():
            menu = self.add_menu.addMenu(title)
            for name in names:
                if name not in used:
                    label = target_label(name, self._store.model, self._store.patch)
                    menu.addAction(label).triggered.connect(partial(self._add, name))
            menu.setEnabled(bool(menu.actions()))

    def _add(self, target: str, _checked: bool = False) -> None:
        self._control.set_automation(automation_edit.add_curve(self._control.automation, target, _NEW_S))
        self._choose(target)

    def _set_length(self) -> None:
        automation, seconds = self._control.automation, self.length.value()
        if automation is not None and abs(seconds - automation.seconds) > 0.5 / AUTOMATION_RATE_HZ:
            self._control.edit(lambda found: automation_edit.set_seconds(found, seconds))

    def _show_position(self) -> None:
        position_s = self._control.recorder.position_s()
        self._position.setVisible(position_s is not None and self.shown is not None)
        if position_s is not None:
            self._position.setPos(position_s)

    def _patch_changed(self, change: PatchChanged) -> None:
        """Follow the control's own position, on which the curve stands."""
        before, after = change.before, change.after
        if (before.params, before.offset, before.user_notes, before.slot_a, before.slot_b, before.macro_names) != (
            after.params, after.offset, after.user_notes, after.slot_a, after.slot_b, after.macro_names,
        ):  # fmt: skip
            self.show_state()


def _length_field() -> DecimalBox:
    field = DecimalBox(_MIN_S, MAX_AUTOMATION_S, _NEW_S)
    field.setSingleStep(0.5)
    field.setSuffix(" s")
    field.setStyleSheet(f"min-height: {px(22)}px")
    field.setKeyboardTracking(False)
    field.setAccessibleName("Length of the automation")
    field.setToolTip("Length of the automation. Longer: the last value stays. Shorter: the end is cut off")
    return field
