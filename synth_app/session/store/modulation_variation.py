"""Modulation in new sounds: by chance, a little otherwise, and on the way between two sounds."""

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
    latent_target,
    mod_target,
)

MODULATION = "modulation"  # its lock
_MOST_DRAWN = 4
_SHAPES: tuple[LfoShape, ...] = ("sine", "triangle", "random", "sample & hold")
# What chance connects, how far at most, and how fast an LFO may do that: nothing that puts a sound out of tune.
_DRAWN = (("morph", 0.5, 3.0), ("tilt", 3.0, 4.0), ("pan", 0.7, 2.0), ("gain", 4.0, 8.0), ("pitch", 0.25, 7.0))
_LATENT_DRAWN = (1.2, 3.0)
_SLOWEST_HZ = 0.08
_NEAR_OCTAVES, _NEAR_SHARE = 0.5, 0.25  # a mutation's step of a rate or time, and of an amount


MODULATION_PARTS = {
    **{f"lfo{i + 1}": f"LFO {i + 1}" for i in range(LFOS)},
    **{f"env{i + 1}": f"Envelope {i + 1}" for i in range(ENVELOPES)},
    "connections": "Modulation",
}


def changed_modulation(before: Modulation, after: Modulation) -> set[str]:
    """What differs, as keys of ``MODULATION_PARTS``."""
    if before == after:
        return set()
    pairs = zip((*before.lfos, *before.envelopes), (*after.lfos, *after.envelopes), strict=True)
    parts = {name for name, (x, y) in zip(MODULATION_PARTS, pairs, strict=False) if x != y}
    return parts | ({"connections"} if before.connections != after.connections else set())


def random_modulation(latent_size: int, rng: Generator) -> Modulation:
    """One to four connections from LFOs and the second envelope to targets that bear it."""
    targets = (*_DRAWN, *((latent_target(int(d)), *_LATENT_DRAWN) for d in rng.permutation(latent_size)[:3]))
    chosen = rng.permutation(len(targets))[: rng.integers(1, _MOST_DRAWN + 1)]
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


def mutated_modulation(modulation: Modulation, amount: float, rng: Generator) -> Modulation:
    """The same connections with other amounts and other speeds, the farther the larger ``amount``, 0-1."""

    def near(value: float, low: float, high: float) -> float:
        return float(np.clip(value * 2.0 ** (amount * _NEAR_OCTAVES * rng.standard_normal()), low, high))

    lfos = tuple(replace(lfo, rate_hz=near(lfo.rate_hz, *LFO_RATE_HZ)) for lfo in modulation.lfos)
    times = [each for each in ENVELOPE_RANGES if each[3] == "s"]
    envelopes = tuple(
        replace(envelope, **{name: near(getattr(envelope, name), low, high) for name, low, high, _ in times})
        for envelope in modulation.envelopes
    )
    links = []
    for link in modulation.connections:
        reach = mod_target(link.target).reach
        moved = link.amount * (1.0 + amount * _NEAR_SHARE * rng.standard_normal())
        links.append(replace(link, amount=float(np.clip(moved, -reach, reach))))
    return Modulation(lfos, envelopes, tuple(links))


def blended_modulation(x: Modulation, y: Modulation, share: float) -> Modulation:
    """On the way from ``x`` (0) to ``y`` (1): amounts move in a line, from nothing where only one has a connection.

    Speeds and times move by ratio, choices switch half-way.
    """
    if x == y or share <= 0.0 or share >= 1.0:
        return x if share < 0.5 or x == y else y
    lfos = tuple(_between_lfos(p, q, share) for p, q in zip(x.lfos, y.lfos, strict=True))
    envelopes = tuple(_between_envelopes(p, q, share) for p, q in zip(x.envelopes, y.envelopes, strict=True))
    links: dict[tuple[str, str, str], float] = {}
    for modulation, weight in ((x, 1.0 - share), (y, share)):
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


def _between_lfos(x: Lfo, y: Lfo, share: float) -> Lfo:
    near = x if share < 0.5 else y
    return replace(
        near,
        rate_hz=_ratio(x.rate_hz, y.rate_hz, share),
        phase=x.phase + share * (y.phase - x.phase),
        fade_s=x.fade_s + share * (y.fade_s - x.fade_s),
    )


def _between_envelopes(x: ModEnvelope, y: ModEnvelope, share: float) -> ModEnvelope:
    return ModEnvelope(
        _ratio(x.attack_s, y.attack_s, share),
        _ratio(x.decay_s, y.decay_s, share),
        x.sustain + share * (y.sustain - x.sustain),
        _ratio(x.release_s, y.release_s, share),
    )


def _ratio(x: float, y: float, share: float) -> float:
    return x if x == y else min(max(x * (y / x) ** share, min(x, y)), max(x, y))
