"""Which characters a font can show, from the `cmap` table of an OpenType file."""

from collections.abc import Iterator
from pathlib import Path
from struct import iter_unpack, unpack_from


def covered(path: Path, index: int) -> frozenset[int]:
    """The code points that the font at ``index`` of a file has a glyph for.

    Raises OSError, and struct.error for what is no OpenType file.
    """
    data = path.read_bytes()
    font = unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    (tables,) = unpack_from(">H", data, font + 4)
    for tag, _, offset, length in iter_unpack(">4sIII", data[font + 12 : font + 12 + 16 * tables]):
        if tag == b"cmap":
            return frozenset(_mapped(data[offset : offset + length]))
    return frozenset()


def _mapped(cmap: bytes) -> Iterator[int]:
    (subtables,) = unpack_from(">H", cmap, 2)
    for _, _, offset in iter_unpack(">HHI", cmap[4 : 4 + 8 * subtables]):
        (kind,) = unpack_from(">H", cmap, offset)
        if kind == 12:
            yield from _groups(cmap[offset:])
        elif kind == 4:
            yield from _segments(cmap[offset:])


def _groups(table: bytes) -> Iterator[int]:
    """Format 12: ranges of all of Unicode."""
    (count,) = unpack_from(">I", table, 12)
    for first, last, glyph in iter_unpack(">III", table[16 : 16 + 12 * count]):
        # The glyphs of a group are numbered on from this one; number 0 is "missing".
        yield from range(first if glyph else first + 1, last + 1)


def _segments(table: bytes) -> Iterator[int]:
    """Format 4: ranges of the basic plane, by an offset or by a list of glyphs."""
    (twice,) = unpack_from(">H", table, 6)
    count = twice // 2
    lasts = unpack_from(f">{count}H", table, 14)
    firsts = unpack_from(f">{count}H", table, 16 + twice)
    deltas = unpack_from(f">{count}H", table, 16 + 2 * twice)
    places = unpack_from(f">{count}H", table, 16 + 3 * twice)
    for number, (first, last, delta, place) in enumerate(
        zip(firsts, lasts, deltas, places, strict=True)
    ):
        # The offset counts from where it stands itself.
        listed = 16 + 3 * twice + 2 * number + place
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if place:
                (glyph,) = unpack_from(">H", table, listed + 2 * (code - first))
                if glyph == 0:
                    continue
            if (glyph + delta) & 0xFFFF:
                yield code
