"""Imports a plugin from a file or folder that was dropped in, which no package knows of."""

import importlib.util
import sys
from hashlib import blake2b
from pathlib import Path
from types import ModuleType

#: How the package begins that all of one folder are imported into; each folder has its own.
PACKAGE = "bridgework_dropped_in_"


def import_path(path: Path) -> ModuleType:
    """Import a file, or a folder, whose modules may import one another (``from . import …``)."""
    source = path / "__init__.py" if path.is_dir() else path
    place = blake2b(str(path.parent.resolve()).encode("utf-8", "surrogateescape"), digest_size=8)
    folder = PACKAGE + place.hexdigest()
    name = f"{folder}.{path.stem}"
    if folder not in sys.modules:
        sys.modules[folder] = package = ModuleType(folder)
        package.__path__ = []
    for known in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[known]  # of the files as they were before
    spec = importlib.util.spec_from_file_location(
        name, source, submodule_search_locations=[str(path)] if path.is_dir() else None
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
