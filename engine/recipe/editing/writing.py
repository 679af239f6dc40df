"""Writing a recipe's file: whole or not at all, whatever happens meanwhile."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put the text in the place of the file's, in one instant; a link stays one.

    The lines end as they do in ``text``, and who may read the file stays as it was.

    :raises OSError: it can't be written; then the file is as it was.
    """
    target = path.resolve()
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    with tempfile.NamedTemporaryFile(
        "w", dir=target.parent, prefix=f".{target.name}.", delete=False, encoding="utf-8",
        newline="",
    ) as file:  # fmt: skip
        new = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            new.chmod(mode)
            new.replace(target)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
