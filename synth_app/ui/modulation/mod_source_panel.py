"""The panel of LFOs and modulation envelopes, one at a time."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from synth_app.patch.modulation_matrix import ENVELOPES, LFOS
from synth_app.ui.modulation.lfo_editor import LfoEditor
from synth_app.ui.modulation.mod_envelope_editor import ModEnvelopeEditor
from synth_app.ui.modulation.source_drag import SourceDrag
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import Panel
from synth_app.ui.widgets.segments import Segments


class ModSourcePanel(Panel):
    """Shows the editor of one source. The choice is not part of the patch or the session.

    ``edit_requested`` emits the source whose graph should open.
    """

    edit_requested = Signal(str)

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("LFOs and envelopes")
        lfos = tuple((f"lfo{i + 1}", f"LFO {i + 1}" if not i else str(i + 1), f"LFO {i + 1}") for i in range(LFOS))
        envelopes = tuple(
            (f"env{i + 1}", f"Env {i + 1}" if not i else str(i + 1), f"Envelope {i + 1}") for i in range(ENVELOPES)
        )
        self.choice = Segments("LFOs and envelopes", (*lfos, *envelopes))
        for key, _, title in (*lfos, *envelopes):
            button = self.choice.buttons[key]
            button.setAccessibleName(title)
            button.setToolTip(f"{button.toolTip()}. Drag it onto a control to connect them")
            SourceDrag(button, key)
        self.choice.chosen.connect(self.show_source)
        self.lfo, self.envelope = LfoEditor(subscriptions), ModEnvelopeEditor(subscriptions)
        self.replace_title(self.choice)
        self.header.addWidget(self.lfo.tools)
        self.edit_button = self.add_edit_button("Edit the shape as a graph", self._request_graph)
        for canvas in (self.lfo.canvas, self.envelope.canvas):
            canvas.opened.connect(self._request_graph)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.lfo)
        self._stack.addWidget(self.envelope)
        self.box.addWidget(self._stack, 1)

    def _request_graph(self) -> None:
        self.edit_requested.emit(self.choice.choice)

    def show_source(self, name: str) -> None:
        """Show a source by name: lfo1 to lfo4, env1, env2."""
        self.choice.show_choice(name)
        editor = self.lfo if name.startswith("lfo") else self.envelope
        editor.edit(int(name[3:]) - 1)
        self.lfo.tools.setVisible(editor is self.lfo)
        self._stack.setCurrentWidget(editor)
