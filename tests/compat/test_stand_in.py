"""Packages that are written for IBM's client run with this library in its place, where that client is not installed."""

import re
from collections.abc import Callable

import pytest

from .packages_tried import PACKAGES, PAGE, PROGRAMS, Package, run_package, version_of

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def are_hundred_shots(printed: str) -> bool:
    """Tell whether the counts that were printed are those of a hundred shots, most of them `00`, `11` or `1`."""
    counts = [int(count) for count in re.findall(r"(?<=: )\d+|(?<=int64\()\d+", printed)]
    return sum(counts) == 100 and sum(sorted(counts)[-2:]) > 80


def are_even(printed: str) -> bool:
    """Tell whether two chances are a half, and all others nothing, as they are once readout errors are taken out."""
    chances = sorted(float(chance) for chance in re.findall(r"(?<=float32\()[-\d.e]+", printed))
    return chances[-2] > 0.42 and abs(sum(chances) - 1) < 1e-3


def is_a_lifetime(printed: str) -> bool:
    """Tell whether it is the lifetime of the first qubit, 180 us, as it is measured with its error."""
    value, error = (float(part) for part in printed.split("+/-"))
    return error > 0 and abs(value - 180e-6) < 40e-6


SHOWN: dict[str, Callable[[str], bool]] = {
    "experiments": is_a_lifetime,
    "mthree": are_even,
    "pytket": are_hundred_shots,
    "pennylane": are_hundred_shots,
    "qbraid": are_hundred_shots,
    "mcp": are_hundred_shots,
}


@pytest.mark.holds("B495")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "package", [pytest.param(row, marks=pytest.mark.asks(row.client), id=row.client) for row in PACKAGES]
)
def test_a_package_for_ibms_client_runs_with_this_library(package: Package) -> None:
    run = run_package(package)
    assert run.code == 0, run.errors
    assert SHOWN[package.client](run.printed), run.printed
    # Nobody but this library asked; for a token it does not say its name.
    agents = {str(exchange.request.header("User-Agent")).partition("/")[0] for exchange in run.cloud.ledger}
    assert agents == {"qiskit-runtime-service", "python-urllib3"}
    # The page shows this program and this release.
    page = PAGE.read_text(encoding="utf-8")
    assert (PROGRAMS / f"{package.program}.py").read_text(encoding="utf-8") in page
    assert f"| [{package.distribution}](#{package.distribution}) | {version_of(package)} |" in page
