"""The page of envelopes and LFOs as graphs: level and filter of a note, four LFOs, two modulation envelopes."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from synth_app.params import PARAMS
from synth_app.params.filter import ENVELOPE_GROUP
from synth_app.patch.modulation_matrix import ENVELOPES, LFOS, ModEnvelope
from synth_app.session import PatchChanged
from synth_app.session.edit.mod_curves import lfo_rate_hz
from synth_app.ui.graphs.graph_page import GraphPage
from synth_app.ui.graphs.point_editor import PointEditor
from synth_app.ui.modulation.envelope_graph import EnvelopeGraph
from synth_app.ui.modulation.lfo_editor import LfoEditor
from synth_app.ui.modulation.lfo_graph import LfoGraph
from synth_app.ui.modulation.mod_envelope_editor import ModEnvelopeEditor
from synth_app.ui.modulation.mod_specs import ENVELOPE_SPECS
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import tight
from synth_app.ui.widgets.param_panel import ParamPanel
from synth_app.ui.widgets.segments import Segments

AMPLITUDE, FILTER = "amplitude", "filter"
SHAPES = (
    (AMPLITUDE, "Note", "Envelope of a note's level"),
    (FILTER, "Filter", "Envelope of the filter's cutoff"),
    *((f"lfo{i + 1}", f"LFO {i + 1}", f"Shape of LFO {i + 1}") for i in range(LFOS)),
    *((f"env{i + 1}", f"Env {i + 1}", f"Modulation envelope {i + 1}") for i in range(ENVELOPES)),
)
_ENVELOPE_FIELDS = ("attack_s", "decay_s", "sustain", "release_s")
_FILTER_FIELDS = {f"filter_{name}": name for name in _ENVELOPE_FIELDS}  # field of the envelope by parameter
_ROW = 84  # height of the knobs, design px


class ShapesPage(GraphPage):
    """One shape at a time, with its graph and its knobs; both follow the patch."""

    def __init__(self, subscriptions: Subscriptions, shape: str = AMPLITUDE) -> None:
        super().__init__()
        self._store = subscriptions.store
        self.choice = Segments("Envelopes and LFOs", SHAPES)
        self.choice.chosen.connect(self.show_shape)
        self.tools.addWidget(self.choice)
        specs = {spec.name: spec for spec in PARAMS if spec.name in _ENVELOPE_FIELDS}
        self.amplitude = EnvelopeGraph("Envelope of a note's level", specs, self._write_params, "accent")
        filter_specs = {_FILTER_FIELDS[spec.name]: spec for spec in PARAMS if spec.name in _FILTER_FIELDS}
        self.filter = EnvelopeGraph("Envelope of the filter's cutoff", filter_specs, self._write_filter, "accent")
        self.lfo_editor = LfoEditor(subscriptions, picture=False)
        self.lfo = LfoGraph(self.lfo_editor.change)
        self.envelope_editor = ModEnvelopeEditor(subscriptions, picture=False)
        self.envelope = EnvelopeGraph(
            "Modulation envelope", ENVELOPE_SPECS, lambda fields: self.envelope_editor.change(**fields), "modulated"
        )
        self.knobs, self.filter_knobs = (ParamPanel("", group, subscriptions) for group in ("envelope", ENVELOPE_GROUP))
        self.lfo_row = QWidget()
        row = QHBoxLayout(self.lfo_row)
        tight(row, 0)
        row.addWidget(self.lfo_editor.tools, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.lfo_editor, 1)
        self.tools.addStretch(1)
        graphs = self.amplitude, self.lfo, self.envelope, self.filter
        self.snap = self.add_snap(*graphs)
        self.add_fit(*graphs)
        self._graphs = _stack(*graphs)
        self._rows = _stack(self.knobs, self.lfo_row, self.envelope_editor, self.filter_knobs)
        self._rows.setFixedHeight(px(_ROW))
        for knobs in (self.knobs, self.filter_knobs):
            knobs.title.hide()
            knobs.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self._graphs, 1)
        self.box.addWidget(self._rows)
        self.add_hint("Drag points. Shift: finely. Ctrl: to the grid. Double-click: reset, or add a point to an LFO.")
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_shape(shape)

    @property
    def graph(self) -> PointEditor:
        """The graph that is shown."""
        shown = self._graphs.currentWidget()
        assert isinstance(shown, PointEditor)
        return shown

    def show_shape(self, key: str) -> None:
        """Show a shape by its key in ``SHAPES``."""
        self.choice.show_choice(key)
        place = {AMPLITUDE: 0, FILTER: 3}.get(key, 1 if key.startswith("lfo") else 2)
        if place in (1, 2):
            (self.lfo_editor if place == 1 else self.envelope_editor).edit(int(key[3:]) - 1)
        self._graphs.setCurrentIndex(place)
        self._rows.setCurrentIndex(place)
        self.graph.select(-1)
        self._show_state()

    def chosen(self) -> str:
        """Return the key of the shape that is shown."""
        return self.choice.choice

    def _patch_changed(self, change: PatchChanged) -> None:
        envelope = change.params & {*_ENVELOPE_FIELDS, *_FILTER_FIELDS, "tempo_bpm"}
        if envelope or change.before.modulation != change.after.modulation:
            self._show_state()

    def _show_state(self) -> None:
        """Show the patch in the visible graph."""
        patch = self._store.patch
        if self.graph is self.amplitude:
            self.amplitude.show_envelope(ModEnvelope(*(patch.value(name) for name in _ENVELOPE_FIELDS)))
        elif self.graph is self.filter:
            self.filter.show_envelope(ModEnvelope(*(patch.value(name) for name in _FILTER_FIELDS)))
        elif self.graph is self.lfo:
            lfo = patch.modulation.lfos[self.lfo_editor.index]
            self.lfo.show_lfo(lfo, lfo_rate_hz(lfo, patch.value("tempo_bpm")))
        else:
            self.envelope.show_envelope(patch.modulation.envelopes[self.envelope_editor.index])

    def _write_filter(self, fields: Mapping[str, float]) -> None:
        self._write_params({f"filter_{name}": value for name, value in fields.items()})

    def _write_params(self, fields: Mapping[str, float]) -> None:
        patch = self._store.patch
        for name, value in fields.items():
            patch = patch.with_param(name, value)
        self._store.apply_patch(patch)


def _stack(*widgets: QWidget) -> QStackedWidget:
    stack = QStackedWidget()
    for widget in widgets:
        stack.addWidget(widget)
    return stack
