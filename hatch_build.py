"""What the wheel has beside the source: a stub for each door without a file, for type checkers and editors."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path(__file__).parent / "src"


def write_stubs() -> dict[str, str]:
    """Return the stub of each door, by its path in the wheel."""
    sys.path.insert(0, str(SOURCE))
    from qiskit_runtime_service._doors import HOMES

    package = "qiskit_runtime_service"
    stubs = {}
    for place, homes in HOMES.items():
        lines = sorted({f"from {home} import {original} as {original}" for home, original, _ in homes.values()})
        # Under another name, an import is not handed on.
        lines += [f"{name} = {original}" for name, (_, original, _) in sorted(homes.items()) if name != original]
        is_package = any(other.startswith(f"{place}.") for other in HOMES)
        path = f"{package}/{place.replace('.', '/')}{'/__init__' if is_package else ''}.pyi"
        stubs[path] = "\n".join([f'"""The door to {", ".join(homes)}."""', "", *lines, ""])
    return stubs


class Stubs(BuildHookInterface[Any]):
    """Puts them into the wheel. An editable install has the source alone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write them to a folder that is there until the wheel is built."""
        if version != "editable":
            self.folder = TemporaryDirectory()
            for number, (path, stub) in enumerate(write_stubs().items()):
                written = Path(self.folder.name, f"{number}.pyi")
                written.write_text(stub, encoding="utf-8")
                build_data["force_include"][str(written)] = path

    def finalize(self, version: str, *_: Any) -> None:
        """Remove the folder."""
        if version != "editable":
            self.folder.cleanup()
