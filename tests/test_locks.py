"""Everything that the Makefile installs but the project itself has an exact version and a hash."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / ".ci" / "locks"
# A requirement goes on over all lines that end in a backslash.
ENTRY = re.compile(
    r"^(?P<requirement>[^\s#][^\\\n]*?)(?P<hashes>(?: \\\n +--hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)


def entries(name: str) -> dict[str, tuple[Requirement, int]]:
    """Return, by name, what a lock lists and how many hashes each has."""
    found: dict[str, tuple[Requirement, int]] = {}
    for entry in ENTRY.finditer((LOCKS / f"{name}.txt").read_text(encoding="utf-8")):
        requirement = Requirement(entry["requirement"])
        found[canonicalize_name(requirement.name)] = (requirement, str(entry["hashes"]).count("sha256"))
    return found


OF_OTHERS = ["existing", "existing043", "existing046", "prefect", "qdmi", "qrmi", "uv"]
STOOD_IN = ["experiments", "mcp", "mthree", "pennylane", "pytket", "qbraid"]


@pytest.mark.parametrize("name", ["dev", *OF_OTHERS, *STOOD_IN])
def test_each_entry_of_a_lock_is_one_release_with_hashes(name: str) -> None:
    listed = entries(name)
    assert listed
    assert [str(req) for req, _ in listed.values() if not re.fullmatch(r"==[^*,]+", str(req.specifier))] == []
    assert [str(requirement) for requirement, hashes in listed.values() if not hashes] == []


def asked_for() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    return [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *extras["aer"],
        *extras["cli"],
        *project["dependency-groups"]["dev"],
    ]


@pytest.mark.parametrize("asked", asked_for())
def test_what_the_project_asks_for_is_in_its_lock(asked: str) -> None:
    wanted = Requirement(asked)
    locked, _ = entries("dev")[canonicalize_name(wanted.name)]
    (version,) = (part.version for part in locked.specifier)
    assert wanted.specifier.contains(version), f"{locked}: `make lock` brings the lock up to date"


@pytest.mark.parametrize("name", [*OF_OTHERS, *STOOD_IN])
def test_what_is_asked_for_by_hand_is_in_its_lock(name: str) -> None:
    files = [name, *(["ours"] if name in STOOD_IN else [])]
    lines = [line for file in files for line in (LOCKS / f"{file}.in").read_text(encoding="utf-8").splitlines()]
    wanted = [line for line in lines if not line.startswith(("#", "-r "))]
    assert wanted
    assert set(wanted) <= {str(requirement) for requirement, _ in entries(name).values()}


def test_nothing_is_installed_without_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line.strip() for line in makefile.splitlines() if " install " in line]
    loose = [line for line in installs if "--require-hashes" not in line]
    assert loose == ["$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable ."]


@pytest.mark.parametrize("name", STOOD_IN)
def test_where_this_library_stands_in_ibms_client_is_not_installed(name: str) -> None:
    assert "-r ours.in" in (LOCKS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    assert not {"qiskit-ibm-runtime", "ibm-platform-services"} & entries(name).keys()


def test_what_this_library_needs_is_what_it_is_tried_with() -> None:
    lines = (LOCKS / "ours.in").read_text(encoding="utf-8").splitlines()
    listed = {Requirement(line).name: Requirement(line) for line in lines if not line.startswith("#")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["aer"]]]
    assert {requirement.name for requirement in asked} == listed.keys()
    assert {name: str(entries("dev")[name][0].specifier) for name in listed} == {
        name: str(requirement.specifier) for name, requirement in listed.items()
    }
