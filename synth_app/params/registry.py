"""The registry of parameters: an ordered collection that can be extended."""

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from synth_app.params.spec import ParamSpec
from synth_app.support.errors import UserError


class ParamRegistry(Sequence[ParamSpec]):
    """Parameters in a fixed order, found by position or by name.

    A ``Patch`` and an engine hold one value for each parameter, in this order. Add parameters before the first of them
    is made.

    Args:
        specs: the parameters.
    """

    def __init__(self, specs: Iterable[ParamSpec]) -> None:
        self._specs: list[ParamSpec] = []
        self._index: dict[str, int] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: ParamSpec) -> None:
        """Append a parameter.

        Raises:
            UserError: the name is in use, the range is empty, the default lies outside, or a "log" curve reaches 0.
        """
        if spec.name in self._index:
            raise UserError(f"a parameter {spec.name!r} exists already; choose another name")
        if not spec.minimum < spec.maximum or not spec.minimum <= spec.default <= spec.maximum:
            raise UserError(
                f"parameter {spec.name!r} ranges from {spec.minimum:g} to {spec.maximum:g} with default "
                f"{spec.default:g}; give minimum < maximum and a default between them"
            )
        if spec.curve == "log" and spec.minimum <= 0.0:
            raise UserError(f"parameter {spec.name!r} has a log curve from {spec.minimum:g}; give a minimum above 0")
        self._index[spec.name] = len(self._specs)
        self._specs.append(spec)

    def remove_last(self, name: str) -> None:
        """Remove the parameter that was added last, ``name``: the positions of the others stay valid.

        Raises:
            UserError: another parameter was added last.
        """
        if not self._specs or self._specs[-1].name != name:
            raise UserError(f"parameter {name!r} is not the last one; only the last one can be removed")
        del self._index[self._specs.pop().name]

    def index_of(self, name: str) -> int:
        """Return the position of a parameter. Raises UserError for an unknown name."""
        if name not in self._index:
            raise UserError(f"no parameter {name!r}; choose one of {', '.join(self._index)}")
        return self._index[name]

    def has(self, name: str) -> bool:
        """Whether there is a parameter of that name."""
        return name in self._index

    def __len__(self) -> int:
        return len(self._specs)

    def __iter__(self) -> Iterator[ParamSpec]:
        return iter(self._specs)

    @overload
    def __getitem__(self, index: int) -> ParamSpec: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ParamSpec, ...]: ...
    def __getitem__(self, index: int | slice) -> ParamSpec | tuple[ParamSpec, ...]:
        return tuple(self._specs[index]) if isinstance(index, slice) else self._specs[index]
