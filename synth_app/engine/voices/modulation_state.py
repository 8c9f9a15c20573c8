"""One rig's modulation: keeps the kernels' state in step with the sound, the beat and the clock."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.beat import Beat
from synth_app.engine.voices.latent_path import Voices
from synth_app.engine.voices.modulation_kernel import (
    FADE,
    LATENT_BY,
    PAD_X_BY,
    PAD_Y_BY,
    PHASE,
    RATE,
    ROWS,
    new_mod_state,
)
from synth_app.patch.modulation_matrix import (
    ENVELOPE_RANGES,
    LFO_SHAPES,
    LFOS,
    MOD_SOURCES,
    MOD_TARGETS,
    NOTE_BEATS,
    PAD_TARGETS,
    Modulation,
    latent_dim,
)
from synth_app.patch.pad_grid import PadGrid
from synth_app.patch.patch import ENGINE_RATE

_GLIDE_MS = 8.0
_SETTLED_TICKS = 14  # time constants until what glides has arrived
_SOURCE = {source.name: i for i, source in enumerate(MOD_SOURCES)} | {"": -1}
_TARGET = {target.name: i for i, target in enumerate(MOD_TARGETS)}
Route = tuple[int, int, int]  # source, via, target


class ModulationState:
    """Follows a sound's modulation; ``state`` is what the kernels read.

    Amounts, rates, phases and envelope times glide, so that turning them makes no steps: a connection that is removed
    goes to nothing first. An LFO counts the cycles that it ran, so that another rate goes on where it is.

    Args:
        voices: of the rig.
        std: float32 [latent], standard deviation of each dimension: the unit of amounts.
        tick: samples between two ``step`` calls.
        seed: of all that is made by chance.
    """

    def __init__(self, voices: Voices, std: NDArray[np.float32], tick: int, seed: int) -> None:
        self._voices, self._std, self._tick = voices, std.astype(np.float64), tick
        self._seed = seed
        self.state = new_mod_state(len(voices.stage), len(std), seed)
        self._beat = Beat()
        self._glide = 1.0 - np.exp(-tick / (_GLIDE_MS * 1e-3 * ENGINE_RATE))
        self._settle = round(_SETTLED_TICKS * _GLIDE_MS * 1e-3 * ENGINE_RATE / tick)
        self._moving = 0  # ticks until all has arrived
        self._routes: list[Route] = []
        self._lfo_to, self._envelope_to = np.zeros_like(self.state.lfo), np.ones_like(self.state.envelope)
        self._amount_to = np.zeros(ROWS)
        self._beats = np.zeros(LFOS)  # per cycle, 0 where it runs in Hz
        self._pad: PadGrid | None = None
        self._nodes_to: NDArray[np.float32] | None = None  # codes that the pad's are on the way to
        self._step = np.zeros_like(self.state.surface)  # scratch of the same

    def begin(
        self, modulation: Modulation, pad: PadGrid | None, beat: Beat, hands: NDArray[np.float64], clock: int
    ) -> None:
        """Take a sound's modulation over at once, at sample ``clock``.

        Args:
            modulation: of the sound. pad: what it moves over on the pad. beat: of the player.
            hands: where the controllers stand, as ``Expression.values``, which is read on.
        """
        self.state = new_mod_state(len(self._voices.stage), len(self._std), self._seed)._replace(hands=hands)
        self._beat, self._routes, self._pad = beat, [], None
        self._amount_to[:] = 0.0
        self.follow(modulation, pad)
        self._arrive()
        self.state.cycles[:] = self.state.lfo[:, RATE] * clock
        self.state.now[0] = clock
        self._keep_time(clock)

    def follow(self, modulation: Modulation, pad: PadGrid | None) -> None:
        """Glide to another modulation, over another pad. Shapes change at once."""
        state = self.state
        for i, lfo in enumerate(modulation.lfos):
            state.shape[i], state.free[i] = LFO_SHAPES.index(lfo.shape), not lfo.retrigger
            self._beats[i] = NOTE_BEATS.get(lfo.sync, 0.0)
            self._lfo_to[i, RATE] = lfo.rate_hz / ENGINE_RATE
            self._lfo_to[i, PHASE], self._lfo_to[i, FADE] = lfo.phase, lfo.fade_s
        for i, envelope in enumerate(modulation.envelopes):
            self._envelope_to[i] = [getattr(envelope, name) for name, *_ in ENVELOPE_RANGES]
        self._lie_over(pad)
        self._connect(modulation)
        self._moving = self._settle

    def note(self, v: int) -> None:
        """A voice begins: its LFOs count from its first sample."""
        state = self.state
        state.origin[v] = state.cycles + state.lfo[:, RATE] * (self._voices.start[v] - state.now[0])

    def step(self, clock: int) -> None:
        """Glide one tick, and run the LFOs on to sample ``clock``."""
        state = self.state
        state.cycles[:] += state.lfo[:, RATE] * (clock - state.now[0])
        state.now[0] = clock
        if self._moving:
            self._moving -= 1
            if self._moving:
                n = state.used[0]
                state.lfo[:] += self._glide * (self._lfo_to - state.lfo)
                state.envelope[:] += self._glide * (self._envelope_to - state.envelope)
                state.amount[:n] += self._glide * (self._amount_to[:n] - state.amount[:n])
                self._glide_pad()
            else:
                self._arrive()
        self._keep_time(clock)

    # ---- inside

    def _connect(self, modulation: Modulation) -> None:
        """Give every connection a row: that of the same route, so that its amount glides, else a new one."""
        wanted: dict[Route, float] = {}
        for each in modulation.connections:
            dim = latent_dim(each.target)
            if each.target in PAD_TARGETS and self._pad is None:
                continue  # nothing to move over
            if each.on and (dim is None or dim < len(self._std)):
                target = _TARGET[each.target] if dim is None else LATENT_BY + dim
                route = _SOURCE[each.source], _SOURCE[each.via], target
                amount = each.amount if dim is None else each.amount * float(self._std[dim])
                wanted[route] = wanted.get(route, 0.0) + amount
        if len(set(self._routes) | set(wanted)) > ROWS:
            self._drop_all_but(set(wanted))
        self._routes += [route for route in wanted if route not in self._routes]
        self._amount_to[: len(self._routes)] = [wanted.get(route, 0.0) for route in self._routes]
        self._write_routes()

    def _lie_over(self, pad: PadGrid | None) -> None:
        """Let the pad be another one, at once where nothing is heard of it."""
        before, state = self._pad, self.state
        self._pad = pad if pad is not None and pad.latent_size == len(self._std) else None
        if self._pad is None:
            self._nodes_to = None  # what is left of the old one fades out with its amounts
            return
        columns = state.target[: state.used[0]]
        heard = bool(np.any((columns == PAD_X_BY) | (columns == PAD_Y_BY)))
        if not heard:
            self._nodes_to = None
            state.surface[:], state.at[:] = self._pad.even_nodes(), self._pad.at
        elif before is None or before.codes != self._pad.codes:
            self._nodes_to = self._pad.even_nodes()

    def _glide_pad(self) -> None:
        state = self.state
        if self._pad is not None:
            for axis, to in enumerate(self._pad.at):
                state.at[axis] += self._glide * (to - state.at[axis])
        if self._nodes_to is not None:
            np.subtract(self._nodes_to, state.surface, out=self._step)
            np.multiply(self._step, np.float32(self._glide), out=self._step)
            np.add(state.surface, self._step, out=state.surface)

    def _drop_all_but(self, kept: set[Route]) -> None:
        """Forget routes on their way to nothing, at once."""
        rows = [i for i, route in enumerate(self._routes) if route in kept]
        for array in (self.state.amount, self._amount_to):
            array[: len(rows)] = array[rows]
            array[len(rows) :] = 0.0
        self._routes = [self._routes[i] for i in rows]

    def _arrive(self) -> None:
        """Everything is where it was going; routes that went to nothing are forgotten."""
        self.state.lfo[:], self.state.envelope[:] = self._lfo_to, self._envelope_to
        self._drop_all_but({route for route, to in zip(self._routes, self._amount_to, strict=False) if to != 0.0})
        self.state.amount[:] = self._amount_to
        self._write_routes()
        if self._pad is not None:
            self.state.at[:] = self._pad.at
        if self._nodes_to is not None:
            self.state.surface[:], self._nodes_to = self._nodes_to, None
        self._moving = 0

    def _write_routes(self) -> None:
        state, n = self.state, len(self._routes)
        state.used[0] = n
        for i, (source, via, target) in enumerate(self._routes):
            state.source[i], state.via[i], state.target[i] = source, via, target

    def _keep_time(self, clock: int) -> None:
        """LFOs in time with the beat are where the beat is."""
        if not self._beats.any():
            return
        beats = self._beat.at(clock)
        for i, length in enumerate(self._beats):
            if length > 0.0:
                self.state.cycles[i] = beats / length
                self.state.lfo[i, RATE] = self._lfo_to[i, RATE] = self._beat.bpm / (60.0 * ENGINE_RATE * length)
