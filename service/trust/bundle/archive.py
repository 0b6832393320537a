"""The bundle's ZIP in its one form: names sorted, nothing compressed, no date, nothing beside it.

What is not exactly so is refused: there is no place left in it that nobody signs, and no two
programs find different files in it.
"""

import re
import struct
import zlib
from collections.abc import Mapping

LARGEST_ARCHIVE = 64 * 1024 * 1024
"""Bytes of a bundle at the most; one of 500 events has about three million."""
_MOST_FILES = 0xFFFF

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_FORM = (10, 0, 0, 0, 0x21)
"""Version needed, flags, method (stored), time and date (1980-01-01) of every file."""
_FILE_NAME = re.compile(r"(?:[a-z-]{1,20}/)?[A-Za-z0-9-]{1,40}\.[a-z]{1,10}")


class MalformedArchive(ValueError):
    """不是考察材料整包，或者压缩包本身被改动、不完整"""


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files. Raises MalformedArchive where it cannot have them."""
    parts, directory, offset = list[bytes](), list[bytes](), 0
    for name, content in sorted(files.items()):
        if not _FILE_NAME.fullmatch(name):
            raise MalformedArchive(f"{MalformedArchive.__doc__}：文件名 {name!r:.80}")
        about = (*_FORM, zlib.crc32(content), len(content), len(content), len(name), 0)
        parts += (_LOCAL.pack(b"PK\3\4", *about), name.encode(), content)
        if offset > LARGEST_ARCHIVE or len(directory) == _MOST_FILES:
            raise MalformedArchive(f"{MalformedArchive.__doc__}：过大")
        directory.append(_CENTRAL.pack(b"PK\1\2", 10, *about, 0, 0, 0, 0, offset) + name.encode())
        offset += _LOCAL.size + len(name) + len(content)
    listed = b"".join(directory)
    count = len(directory)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(listed), offset, 0)
    archive = b"".join((*parts, listed, end))
    if len(archive) > LARGEST_ARCHIVE:
        raise MalformedArchive(f"{MalformedArchive.__doc__}：过大")
    return archive


def unzipped(archive: bytes) -> dict[str, bytes]:
    """The files of an archive that is, byte for byte, what `zipped` makes of them.

    Raises MalformedArchive.
    """
    if len(archive) > LARGEST_ARCHIVE:
        raise MalformedArchive(f"{MalformedArchive.__doc__}：过大")
    files: dict[str, bytes] = {}
    offset = 0
    while archive.startswith(b"PK\3\4", offset) and len(archive) >= offset + _LOCAL.size:
        *_, size, _, name_size, _ = _LOCAL.unpack_from(archive, offset)
        begins = offset + _LOCAL.size + name_size
        name = archive[offset + _LOCAL.size : begins].decode("ascii", "replace")
        files[name] = archive[begins : begins + size]
        offset = begins + size
    if not files or zipped(files) != archive:
        raise MalformedArchive(MalformedArchive.__doc__)
    return files
