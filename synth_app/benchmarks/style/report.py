"""The figures of a comparison of styles, as a table and as JSON."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

BASELINES = ("mean shift", "half morph")
LEAST_SHARE, LEAST_LEAD = 0.5, 0.2
LEAST_ONSET, MOST_LOUDNESS_DB, LEAST_PITCH = 0.9, 2.0, 0.95
MOST_STEP, MOST_KEY_DIFFERENCE = 1.5, 0.2


@dataclass(frozen=True)
class Measured:
    """One way on one pair.

    Attributes:
        content, style, way: names.
        share: of the texture distance removed at amount 1.
        onset: correlation of the onset envelopes with the content.
        loudness_db: greatest difference of the loudness curve.
        pitch: share of voiced frames within 20 cents; None without voiced frames.
        half: share removed at amount 0.5; None where there is no amount.
        at_keys: shares removed at other keys.
        step_ratio: mean latent step per frame, re the larger of content and style; None without a path.
        cost: seconds of one core per second of sound; None for the baselines.
    """

    content: str
    style: str
    way: str
    share: float
    onset: float
    loudness_db: float
    pitch: float | None
    half: float | None
    at_keys: tuple[float, ...]
    step_ratio: float | None
    cost: float | None

    @property
    def monotone(self) -> bool | None:
        """Whether more of the style is closer to it: at amounts 0, 0.5 and 1."""
        return None if self.half is None else 0.0 < self.half < self.share


@dataclass(frozen=True)
class StyleReport:
    """All measurements of a run.

    Attributes:
        model: name. seed: of the run.
        measured: all rows.
        engine_us: microseconds that the live way adds to a voice and frame of the playing engine.
    """

    model: str
    seed: int
    measured: tuple[Measured, ...]
    engine_us: float

    def ways(self) -> tuple[str, ...]:
        """Return the ways in the order of measurement."""
        return tuple(dict.fromkeys(each.way for each in self.measured))

    def summary(self, way: str) -> dict[str, float | None]:
        """Return the figures of a way over all pairs; None where nothing was measured."""
        rows = [each for each in self.measured if each.way == way]
        keys = [abs(value - each.share) for each in rows for value in each.at_keys]
        return {
            "share_median": _median(each.share for each in rows),
            "share_lowest": min(each.share for each in rows),
            "onset_median": _median(each.onset for each in rows),
            "onset_pass": _part(rows, lambda each: each.onset >= LEAST_ONSET),
            "loudness_db_median": _median(each.loudness_db for each in rows),
            "loudness_pass": _part(rows, lambda each: each.loudness_db <= MOST_LOUDNESS_DB),
            "pitch_median": _median(each.pitch for each in rows),
            "pitch_pass": _part(rows, lambda each: None if each.pitch is None else each.pitch >= LEAST_PITCH),
            "keys_share_median": _median(value for each in rows for value in each.at_keys),
            "keys_pass": float(np.mean(np.array(keys) <= MOST_KEY_DIFFERENCE)) if keys else None,
            "monotone_pass": _part(rows, lambda each: each.monotone),
            "step_ratio_highest": max((each.step_ratio for each in rows if each.step_ratio is not None), default=None),
            "cost_highest": max((each.cost for each in rows if each.cost is not None), default=None),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return all figures for JSON."""
        summaries = {way: self.summary(way) for way in self.ways()}
        return {
            "model": self.model,
            "seed": self.seed,
            "engine_us": self.engine_us,
            "summary": summaries,
            "measured": [{**asdict(each), "monotone": each.monotone} for each in self.measured],
        }

    def as_text(self) -> str:
        """Return the summary as a table, and the medians by style."""
        pairs = len({(each.content, each.style) for each in self.measured})
        lines = [
            f"{self.model}: {pairs} pairs, seed {self.seed}; share of the texture distance removed, content kept",
            "way         share  least  onset  kept   loudness  kept   pitch  kept   other keys  within  monotone"
            "  step   cost",
        ]
        lines += [_line(way, self.summary(way)) for way in self.ways()]
        styles = tuple(dict.fromkeys(each.style for each in self.measured))
        lines += ["", "median share by style", "way        " + "".join(f"{style:>10}" for style in styles)]
        for way in self.ways():
            lines.append(f"{way:<11}" + "".join(f"{self._median_share(way, style):10.0%}" for style in styles))
        lines += ["", f"the live way adds {self.engine_us:.2f} us to a voice and frame in the engine"]
        return "\n".join(lines)

    def _median_share(self, way: str, style: str) -> float:
        shares = [each.share for each in self.measured if (each.way, each.style) == (way, style)]
        return float(np.median(shares))


def _line(way: str, found: dict[str, float | None]) -> str:
    def text(name: str, form: str) -> str:
        value = found[name]
        return "-".rjust(int(form.split(".")[0])) if value is None else format(value, form)

    return (
        f"{way:<11} {text('share_median', '5.0%')} {text('share_lowest', '6.0%')} {text('onset_median', '6.2f')} "
        f"{text('onset_pass', '5.0%')} {text('loudness_db_median', '7.1f')} dB {text('loudness_pass', '6.0%')} "
        f"{text('pitch_median', '6.0%')} {text('pitch_pass', '5.0%')} {text('keys_share_median', '10.0%')} "
        f"{text('keys_pass', '9.0%')} {text('monotone_pass', '9.0%')} {text('step_ratio_highest', '6.2f')} "
        f"{text('cost_highest', '6.2f')}"
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _part(rows: list[Measured], passes: Callable[[Measured], bool | None]) -> float | None:
    """Return the share of rows that pass, of those that were measured."""
    known = [value for value in map(passes, rows) if value is not None]
    return float(np.mean(known)) if known else None
