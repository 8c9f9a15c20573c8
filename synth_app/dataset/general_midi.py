"""General MIDI programs to render, with their NSynth family, source and key range."""

from dataclasses import dataclass

_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class GmProgram:
    """A melodic General MIDI program: its NSynth family and source, and the range of MIDI keys."""

    program: int
    family: str
    source: str
    low: int
    high: int


# first program, family, source, then the key range of each program in order. NSynth has no pads: pads and
# synth effects count as synth_lead, the nearest family. Left out: 55 orchestra hit and 115-119 drums and
# cymbal (no pitch), 120-127 sound effects.
_BLOCKS: tuple[tuple[int, str, str, tuple[tuple[int, int], ...]], ...] = (
    (0, "keyboard", "acoustic", ((21, 108), (21, 108))),  # grand, bright piano
    (2, "keyboard", "electronic", ((21, 108),)),  # electric grand
    (3, "keyboard", "acoustic", ((21, 108),)),  # honky-tonk
    (4, "keyboard", "electronic", ((28, 103), (28, 103))),  # electric pianos
    (6, "keyboard", "acoustic", ((29, 89),)),  # harpsichord
    (7, "keyboard", "electronic", ((36, 96),)),  # clavinet
    # celesta, glockenspiel, music box, vibraphone, marimba, xylophone, tubular bells, dulcimer
    (
        8,
        "mallet",
        "acoustic",
        ((60, 108), (72, 108), (60, 105), (53, 89), (45, 96), (60, 108), (55, 84), (48, 86)),
    ),
    (16, "organ", "electronic", ((36, 96), (36, 96), (36, 96))),  # drawbar, percussive, rock
    (19, "organ", "acoustic", ((24, 100), (36, 96))),  # church, reed
    (21, "reed", "acoustic", ((53, 96), (48, 90), (48, 96))),  # accordion, harmonica, bandoneon
    (24, "guitar", "acoustic", ((40, 84), (40, 84))),  # nylon, steel
    (26, "guitar", "electronic", ((40, 86), (40, 86), (40, 86), (40, 86), (40, 86), (40, 86))),
    (32, "bass", "acoustic", ((24, 67),)),
    (33, "bass", "electronic", ((24, 67), (24, 67), (24, 67), (24, 67), (24, 67))),
    (38, "bass", "synthetic", ((24, 67), (24, 67))),
    # violin, viola, cello, contrabass, tremolo, pizzicato, harp
    (40, "string", "acoustic", ((55, 103), (48, 91), (36, 76), (28, 67), (28, 96), (28, 96), (24, 103))),
    (47, "mallet", "acoustic", ((36, 60),)),  # timpani
    (48, "string", "acoustic", ((28, 98), (28, 98))),  # ensembles
    (50, "string", "synthetic", ((36, 98), (36, 98))),
    (52, "vocal", "acoustic", ((40, 84), (40, 84))),  # choir aahs, voice oohs
    (54, "vocal", "synthetic", ((40, 84),)),
    # trumpet, trombone, tuba, muted trumpet, French horn, section
    (56, "brass", "acoustic", ((54, 86), (38, 74), (26, 60), (54, 86), (34, 77), (36, 90))),
    (62, "brass", "synthetic", ((36, 96), (36, 96))),
    # soprano, alto, tenor, baritone saxophone, oboe, cor anglais, bassoon, clarinet
    (
        64,
        "reed",
        "acoustic",
        ((54, 87), (49, 80), (42, 76), (36, 69), (58, 91), (52, 82), (34, 75), (50, 94)),
    ),
    # piccolo, flute, recorder, pan flute, blown bottle, shakuhachi, whistle, ocarina
    (
        72,
        "flute",
        "acoustic",
        ((74, 108), (60, 98), (60, 98), (60, 96), (60, 96), (55, 84), (60, 96), (60, 89)),
    ),
    (80, "synth_lead", "synthetic", ((36, 98),) * 11),  # leads, new age, warm and polysynth pads
    (91, "vocal", "synthetic", ((36, 90),)),  # choir pad
    (92, "synth_lead", "synthetic", ((36, 96),) * 6),  # bowed, metallic, halo, sweep, rain, soundtrack
    (98, "mallet", "synthetic", ((48, 98),)),  # crystal
    (99, "synth_lead", "synthetic", ((36, 96),) * 5),  # atmosphere, brightness, goblins, echoes, sci-fi
    (104, "guitar", "acoustic", ((48, 84), (45, 84), (48, 84), (45, 86))),  # sitar, banjo, shamisen, koto
    (108, "mallet", "acoustic", ((48, 84),)),  # kalimba
    (109, "reed", "acoustic", ((48, 77),)),  # bagpipe
    (110, "string", "acoustic", ((55, 96),)),  # fiddle
    (111, "reed", "acoustic", ((55, 86),)),  # shanai
    (112, "mallet", "acoustic", ((60, 100), (60, 96), (48, 86))),  # tinkle bell, agogo, steel drums
)

GM_PROGRAMS: tuple[GmProgram, ...] = tuple(
    GmProgram(first + offset, family, source, low, high)
    for first, family, source, ranges in _BLOCKS
    for offset, (low, high) in enumerate(ranges)
)
"""The 114 programs that are rendered, in program order."""


def pitches_of(program: GmProgram, count: int) -> tuple[int, ...]:
    """Return at most ``count`` MIDI keys spread over the program's range, both ends included.

    The inner ones are shifted by a fraction of their distance that differs from program to program (the golden
    ratio's multiples), so that the programs together cover every key.
    """
    if count == 1:
        return ((program.low + program.high) // 2,)
    span = program.high - program.low
    shift = program.program * _GOLDEN % 1.0 - 0.5
    inner = {program.low + round(span * (step + shift) / (count - 1)) for step in range(1, count - 1)}
    return tuple(sorted({program.low, program.high} | inner))
