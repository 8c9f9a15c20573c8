"""What a training job is told: the data, the model and how to fit it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from synth_app.spectrum.spec import FULL_BAND_SPEC, PAPER_SPEC, FrameSpec
from synth_app.support.errors import UserError

SPECS: dict[str, FrameSpec] = {"paper": PAPER_SPEC, "full": FULL_BAND_SPEC}
SPLITS: tuple[str, ...] = ("note", "instrument")
FOLDS = 5  # of the cross-validation by note: splits "fold-1" to "fold-5"
DEVICES: tuple[str, ...] = ("cpu", "cuda", "auto")
PRECISIONS: tuple[str, ...] = ("float32", "bfloat16")


def spec_name(spec: FrameSpec) -> str:
    """The name in SPECS, or the frames in words."""
    return next((name for name, known in SPECS.items() if known == spec), str(spec))


@dataclass(frozen=True)
class FitSettings:
    """How a network is fitted.

    Attributes:
        epochs: most passes; the learning rate falls over all of them along a cosine.
        patience: epochs without a better validation RMSE after which training stops.
        batch_size: frames per step.
        learning_rate: of Adam at its highest, after the warm-up.
        beta: weight of the KL term; MSE is averaged over bins, KL summed over dimensions.
        frames_per_note: training frames drawn anew from each note every epoch; 0 takes all.
        augment: share of frames altered by ``training.augment``, 0-1.
        mix: share of the notes, or pairs of notes, to which another instrument of the same pitch is added, 0-1.
        stretch_semitones: how far ``augment`` stretches the frequency axis, up or down.
        weight_decay: of AdamW (Loshchilov & Hutter 2019), decoupled from the gradient.
        input_dropout: share of bins that the net beside a PCA path does not see in training, 0-0.9.
        width: how many times as wide as usual the hidden layers of a net that is told the pitch are.
        members: decoders of a net that is told the pitch; each learns from the same codes, and their mean is decoded.
        refit: learn from the validation part too, for exactly ``epochs``, with settings that were chosen before.
        precision: of the hidden layers' products; weights and losses are always float32.
    """

    epochs: int = 60
    patience: int = 30
    batch_size: int = 512
    learning_rate: float = 1e-3
    beta: float = 0.0
    frames_per_note: int = 80
    augment: float = 0.0
    mix: float = 0.0
    stretch_semitones: float = 7.0
    weight_decay: float = 0.0
    input_dropout: float = 0.0
    width: int = 1
    members: int = 1
    refit: bool = False
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        _require(self.epochs >= 0, "epochs", self.epochs, "0 or more")
        _require(self.patience >= 1, "patience", self.patience, "1 or more")
        _require(1 <= self.batch_size <= 65_536, "batch_size", self.batch_size, "1-65536")
        _require(0.0 < self.learning_rate <= 1.0, "learning_rate", self.learning_rate, "above 0, at most 1")
        _require(0.0 <= self.beta <= 10.0, "beta", self.beta, "0-10")
        _require(self.frames_per_note >= 0, "frames_per_note", self.frames_per_note, "0 or more")
        _require(0.0 <= self.augment <= 1.0, "augment", self.augment, "0-1")
        _require(0.0 <= self.mix <= 1.0, "mix", self.mix, "0-1")
        _require(0.0 <= self.stretch_semitones <= 24.0, "stretch_semitones", self.stretch_semitones, "0-24")
        _require(0.0 <= self.weight_decay <= 1.0, "weight_decay", self.weight_decay, "0-1")
        _require(0.0 <= self.input_dropout <= 0.9, "input_dropout", self.input_dropout, "0-0.9")
        _require(1 <= self.width <= 8, "width", self.width, "1-8")
        _require(1 <= self.members <= 8, "members", self.members, "1-8")
        _require(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")


def changed_fit(fit: FitSettings, changes: Sequence[str]) -> FitSettings:
    """Settings with some of them changed, each given as "name=value".

    Raises:
        UserError: no such setting, or a value that it cannot have.
    """
    kinds = {field.name: type(getattr(fit, field.name)) for field in fields(fit)}
    values: dict[str, Any] = {}
    for change in changes:
        name, _, text = change.partition("=")
        if name not in kinds:
            raise UserError(
                f"no training setting in {change!r}; give NAME=VALUE with one of {', '.join(sorted(kinds))}"
            )
        values[name] = _value(name, text, kinds[name])
    return replace(fit, **values)


def with_usual(told: Mapping[str, object]) -> dict[str, object]:
    """Settings that an older version wrote down, with those it did not know as they were then: a choice that is not
    there was not made.
    """
    return {**vars(FitSettings()), **told}


def fit_changes(fit: FitSettings, usual: FitSettings) -> tuple[str, ...]:
    """What ``changed_fit`` must be told to make ``fit`` of ``usual``."""
    pairs = ((field.name, getattr(fit, field.name), getattr(usual, field.name)) for field in fields(fit))
    return tuple(f"{name}={str(value).lower()}" for name, value, before in pairs if value != before)


def _value(name: str, text: str, kind: type) -> object:
    if kind is bool:
        _require(text in ("true", "false"), name, text, "true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError as error:
        raise UserError(f"{name} {text!r} cannot be used; give a {'whole ' if kind is int else ''}number") from error


@dataclass(frozen=True)
class TrainSettings:
    """One training job.

    Attributes:
        data: folder in NSynth's layout.
        family: a name from ``training.families``.
        spec: frames the model reads and makes; audio at another rate is converted.
        latent_size: numbers per code.
        seed: of the split, the weights, the frames drawn and the augmentation.
        split: what the held-out part shares with the training part: "note" (instruments), "instrument" (nothing),
            "fold-1" to "fold-5" (as note, the five together holding out every note), or a file that
            ``dataset.splits.write_split`` wrote, ending in ".json".
        fit: None takes the family's own settings.
        also: more data sets, all of whose notes are learned from and none judged by.
        bank: folder all of whose notes make the note bank, e.g. every instrument at the same few pitches; None takes
            up to three notes of every instrument from ``data``.
        cache: folder of computed frames; None is ``cache`` beside ``data``.
        runs: folder of checkpoints and logs; None is ``runs`` beside ``data``.
        threads: CPU threads of the training; results are bit-identical only for equal numbers.
        device: what nets are fitted on: "cpu", "cuda", or "auto" for CUDA where there is some.
        scheduler: address of a Dask scheduler whose workers compute frames; None: this machine.
    """

    data: Path
    family: str = "residual-vae"
    spec: FrameSpec = FULL_BAND_SPEC
    latent_size: int = 16
    seed: int = 0
    split: str = "note"
    fit: FitSettings | None = None
    also: tuple[Path, ...] = ()
    bank: Path | None = None
    cache: Path | None = None
    runs: Path | None = None
    threads: int = 2
    device: str = "cpu"
    scheduler: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no family could do."""
        _require(self.device in DEVICES, "device", self.device, f"one of {', '.join(DEVICES)}")
        known = (*SPLITS, *(f"fold-{i + 1}" for i in range(FOLDS)))
        named = self.split in known or self.split.endswith(".json")
        _require(named, "split", self.split, f"one of {', '.join(known)}, or a split's .json file")
        _require(1 <= self.latent_size <= 256, "latent_size", self.latent_size, "1-256")
        _require(self.latent_size < self.spec.bins, "latent_size", self.latent_size, f"under {self.spec.bins} bins")
        _require(0 <= self.seed < 2**31, "seed", self.seed, "0-2147483647")
        _require(1 <= self.threads <= 256, "threads", self.threads, "1-256")

    @property
    def cache_folder(self) -> Path:
        """Where computed frames lie."""
        return self.cache or self.data.parent / "cache"

    @property
    def runs_folder(self) -> Path:
        """Where checkpoints and logs lie."""
        return self.runs or self.data.parent / "runs"


def _require(holds: bool, name: str, value: object, limit: str) -> None:
    if not holds:
        raise UserError(f"{name} {value!r} cannot be used; it must be {limit}")
