"""Imports a plugin from a file or folder that was dropped in, which no package knows of."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

#: The package they are imported into.
PACKAGE = "bridgework_dropped_in"


def import_path(path: Path) -> ModuleType:
    """Import a file, or a folder, whose modules may import one another (``from . import …``)."""
    source = path / "__init__.py" if path.is_dir() else path
    name = f"{PACKAGE}.{path.stem}"
    if PACKAGE not in sys.modules:
        sys.modules[PACKAGE] = package = ModuleType(PACKAGE)
        package.__path__ = []
    for known in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[known]  # of another home, or of the files as they were before
    spec = importlib.util.spec_from_file_location(
        name, source, submodule_search_locations=[str(path)] if path.is_dir() else None
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
