"""Suffixes of the audio files that can be read. The window, the data sets and the commands share them."""

COMMON_AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3")
"""Those to name in a message."""

AUDIO_SUFFIXES = (
    *COMMON_AUDIO_SUFFIXES,
    *(".aifc", ".au", ".avr", ".bwf", ".caf", ".gsm", ".htk", ".iff", ".mp2", ".nist", ".oga", ".opus", ".paf"),
    *(".pvf", ".rf64", ".sds", ".sf", ".snd", ".sph", ".svx", ".voc", ".vox", ".w64", ".wave", ".wve", ".xi"),
)
"""Lower case, with the dot."""
