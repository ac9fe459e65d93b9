"""What UTF-8 bytes hold, seen without decoding them: whether there is any work in making their text uniform."""

from __future__ import annotations

from numba import njit

__all__ = ["BEYOND", "CONTROL", "ESCAPE", "RETURN", "traits"]

#: Bits of `traits`.
CONTROL, RETURN, BEYOND, ESCAPE = 1, 2, 4, 8


@njit(cache=True, nogil=True)
def traits(raw):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    r"""Whether `raw`, UTF-8 as bytes, holds what may need work: bits, 0 for nothing.

    CONTROL is a character below U+0020 but tab and line ends, RETURN a carriage return, and ESCAPE a `\u`, `\b`, `\f`
    or `\r` as JSON writes them. BEYOND is any character outside of U+0000-02FF, U+0400-047F (Cyrillic), U+2002-203F
    (dashes, quotation marks) and U+4000-9FFF: those NFC never changes and never joins to others.

    One loop for each length of what is looked for, and no branch in any: then many bytes are looked at at once.

    Example:
        >>> traits("Zoë’s «café»".encode()), traits("Zoe\u0308\r\n".encode()), traits(rb"caf\u00e9")
        (0, 6, 8)
    """
    control = returns = beyond = escape = False
    for byte in raw:
        control |= (byte < 32) & (byte != 9) & (byte != 10) & (byte != 13)
        returns |= byte == 13
        known = (byte < 0xCC) | (byte == 0xD0) | (byte == 0xD1) | (byte == 0xE2) | ((byte >= 0xE4) & (byte <= 0xE9))
        beyond |= not known
    for at in range(len(raw) - 1):
        after = raw[at + 1]
        escape |= (raw[at] == 0x5C) & ((after == 0x75) | (after == 0x62) | (after == 0x66) | (after == 0x72))
    for at in range(len(raw) - 2):
        beyond |= (raw[at] == 0xE2) & ((raw[at + 1] != 0x80) | (raw[at + 2] < 0x82))
    return control * CONTROL + returns * RETURN + beyond * BEYOND + escape * ESCAPE
