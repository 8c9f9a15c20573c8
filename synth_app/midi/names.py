"""Names for numbers of the MIDI standard."""

from enum import IntEnum


class Cc(IntEnum):
    """Controllers with a fixed meaning (MIDI 1.0, table 3; RP-015, RP-053)."""

    BANK_MSB = 0
    WHEEL = 1
    DATA_MSB = 6
    LSB_FIRST = 32  # 32-63: the fine parts of controllers 0-31, 32 that of bank select
    DATA_LSB = 38
    LSB_LAST = 63
    PEDAL = 64
    SLIDE = 74
    NRPN_LSB = 98
    NRPN_MSB = 99
    RPN_LSB = 100
    RPN_MSB = 101
    ALL_SOUND_OFF = 120
    RESET_CONTROLLERS = 121
    LOCAL_CONTROL = 122
    ALL_NOTES_OFF = 123  # the mode messages above it also end all notes


class Kind(IntEnum):
    """Upper half of a channel message's status byte."""

    NOTE_OFF = 0x8
    NOTE_ON = 0x9
    KEY_PRESSURE = 0xA
    CONTROL = 0xB
    PROGRAM = 0xC
    PRESSURE = 0xD
    BEND = 0xE


class System(IntEnum):
    """Status bytes of system messages."""

    CLOCK = 0xF8
    START = 0xFA
    CONTINUE = 0xFB
    STOP = 0xFC


# Controllers that MIDI learn ignores. They control the instrument itself, or are the fine part (LSB) of another
# controller: a device that sends both parts would be assigned by the wrong one.
NOT_LEARNED = frozenset(
    {
        Cc.BANK_MSB,
        Cc.DATA_MSB,
        Cc.PEDAL,
        *range(Cc.LSB_FIRST, Cc.LSB_LAST + 1),
        *range(Cc.NRPN_LSB, Cc.RPN_MSB + 1),
        *range(120, 128),
    }
)

NAMES = {1: "mod wheel", 2: "breath", 4: "foot", 7: "volume", 10: "pan", 11: "expression", 74: "brightness"}
