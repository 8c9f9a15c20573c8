"""Variations of modulation: randomized, mutated, and interpolated between two patches."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from synth_app.patch.modulation_matrix import (
    ENVELOPE_RANGES,
    ENVELOPES,
    LFO_RATE_HZ,
    LFOS,
    MAX_CONNECTIONS,
    Connection,
    Lfo,
    LfoShape,
    ModEnvelope,
    Modulation,
    mod_target,
)
from synth_app.patch.target import Target

MODULATION = "modulation"  # the name of its lock
_MAX_RANDOM_CONNECTIONS = 4
_SHAPES: tuple[LfoShape, ...] = ("sine", "triangle", "random", "sample & hold")
# Targets of random connections: name, largest amount, highest LFO rate in Hz. They keep a patch in tune.
_RANDOM_TARGETS = (("morph", 0.5, 3.0), ("tilt", 3.0, 4.0), ("pan", 0.7, 2.0), ("gain", 4.0, 8.0), ("pitch", 0.25, 7.0))
_RANDOM_LATENT = (1.2, 3.0)
_SLOWEST_HZ = 0.08
_MUTATION_OCTAVES, _MUTATION_FRACTION = 0.5, 0.25  # standard deviation of a mutation: of a rate or time, of an amount


MODULATION_PARTS = {
    **{f"lfo{i + 1}": f"LFO {i + 1}" for i in range(LFOS)},
    **{f"env{i + 1}": f"Envelope {i + 1}" for i in range(ENVELOPES)},
    "connections": "Modulation",
}


def changed_modulation(before: Modulation, after: Modulation) -> set[str]:
    """Return what differs, as keys of ``MODULATION_PARTS``."""
    if before == after:
        return set()
    pairs = zip((*before.lfos, *before.envelopes), (*after.lfos, *after.envelopes), strict=True)
    parts = {name for name, (x, y) in zip(MODULATION_PARTS, pairs, strict=False) if x != y}
    return parts | ({"connections"} if before.connections != after.connections else set())


def random_modulation(latent_size: int, rng: Generator) -> Modulation:
    """Return modulation with one to four random connections from LFOs to targets that keep the patch in tune."""
    targets = (
        *_RANDOM_TARGETS,
        *((str(Target.latent(int(d))), *_RANDOM_LATENT) for d in rng.permutation(latent_size)[:3]),
    )
    chosen = rng.permutation(len(targets))[: rng.integers(1, _MAX_RANDOM_CONNECTIONS + 1)]
    lfos, links = list(Modulation().lfos), []
    for i, which in enumerate(chosen):
        name, reach, fastest_hz = targets[which]
        rate = float(np.exp(rng.uniform(np.log(_SLOWEST_HZ), np.log(fastest_hz))))
        if name == "pitch":  # a vibrato, not a siren
            rate = float(rng.uniform(4.5, fastest_hz))
        shape = _SHAPES[0] if name == "pitch" else _SHAPES[rng.integers(len(_SHAPES))]
        lfos[i] = Lfo(shape, rate, fade_s=float(rng.uniform(0.0, 1.5)), retrigger=bool(rng.random() < 0.7))
        links.append(Connection(f"lfo{i + 1}", name, float(rng.uniform(0.3, 1.0) * reach * rng.choice((-1, 1)))))
    return Modulation(tuple(lfos), connections=tuple(links))


def mutate_modulation(modulation: Modulation, amount: float, rng: Generator) -> Modulation:
    """Vary amounts, rates and times of modulation; an ``amount`` of 0-1 sets how much."""

    def near(value: float, low: float, high: float) -> float:
        return float(np.clip(value * 2.0 ** (amount * _MUTATION_OCTAVES * rng.standard_normal()), low, high))

    lfos = tuple(replace(lfo, rate_hz=near(lfo.rate_hz, *LFO_RATE_HZ)) for lfo in modulation.lfos)
    times = [each for each in ENVELOPE_RANGES if each[3] == "s"]
    envelopes = tuple(
        replace(envelope, **{name: near(getattr(envelope, name), low, high) for name, low, high, _ in times})
        for envelope in modulation.envelopes
    )
    links = []
    for link in modulation.connections:
        reach = mod_target(link.target).reach
        moved = link.amount * (1.0 + amount * _MUTATION_FRACTION * rng.standard_normal())
        links.append(replace(link, amount=float(np.clip(moved, -reach, reach))))
    return Modulation(lfos, envelopes, tuple(links))


def interpolate_modulation(x: Modulation, y: Modulation, fraction: float) -> Modulation:
    """Interpolate from ``x`` (0) to ``y`` (1).

    Amounts are interpolated linearly; a connection that only one of them has starts or ends at 0. Rates and times are
    interpolated by ratio. Choices switch at 0.5.
    """
    if x == y or fraction <= 0.0 or fraction >= 1.0:
        return x if fraction < 0.5 or x == y else y
    lfos = tuple(_interpolate_lfos(p, q, fraction) for p, q in zip(x.lfos, y.lfos, strict=True))
    envelopes = tuple(_interpolate_envelopes(p, q, fraction) for p, q in zip(x.envelopes, y.envelopes, strict=True))
    links: dict[tuple[str, str, str], float] = {}
    for modulation, weight in ((x, 1.0 - fraction), (y, fraction)):
        for each in modulation.connections:
            if each.on:
                route = each.source, each.target, each.via
                links[route] = links.get(route, 0.0) + weight * each.amount
    kept = sorted(links.items(), key=lambda item: -abs(item[1]) / mod_target(item[0][1]).reach)[:MAX_CONNECTIONS]
    routes = [route for route, _ in kept]
    made = tuple(
        Connection(source, target, _reachable(amount, target), via)
        for (source, target, via), amount in links.items()
        if (source, target, via) in routes
    )
    return Modulation(lfos, envelopes, made)


def _reachable(amount: float, target: str) -> float:
    reach = mod_target(target).reach
    return min(max(amount, -reach), reach)


def _interpolate_lfos(x: Lfo, y: Lfo, fraction: float) -> Lfo:
    near = x if fraction < 0.5 else y
    return replace(
        near,
        rate_hz=_by_ratio(x.rate_hz, y.rate_hz, fraction),
        phase=x.phase + fraction * (y.phase - x.phase),
        fade_s=x.fade_s + fraction * (y.fade_s - x.fade_s),
    )


def _interpolate_envelopes(x: ModEnvelope, y: ModEnvelope, fraction: float) -> ModEnvelope:
    return ModEnvelope(
        _by_ratio(x.attack_s, y.attack_s, fraction),
        _by_ratio(x.decay_s, y.decay_s, fraction),
        x.sustain + fraction * (y.sustain - x.sustain),
        _by_ratio(x.release_s, y.release_s, fraction),
    )


def _by_ratio(x: float, y: float, fraction: float) -> float:
    return x if x == y else min(max(x * (y / x) ** fraction, min(x, y)), max(x, y))
