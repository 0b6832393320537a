"""Small files that must be right after a power cut: what was signed last, and keys."""

import os
from pathlib import Path


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """In one step and to the disk: whatever happens there is the old text or the new one."""
    new = path.with_name(f"{path.name}.new")
    file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
