"""Whether mitigation helps on an emulated cloud, and by how much: the mean error of values with each technique.

    python benchmarks/bench_mitigation.py [--existing PYTHON] [--shots N] [--devices N] [--seed N]
        [--cases CASE …] [--techniques NAME …] [--keep FILE] [--docs FOLDER]

Recorded devices of the ready world `mitigation`, which have coherent noise beside their own, and six circuits: a Bell
state, GHZ states of 5 and 20, Trotter steps of an Ising chain of 10 at four depths, a mirror circuit of 20 and a VQE
ansatz of 6, each on the best line of its device. The error of a circuit is the mean deviation of its expectation
values from the truth. With PYTHON, an interpreter that has `qiskit-ibm-runtime`, IBM's client runs the same, and both
must agree: it also comes from `EXISTING_PYTHON`. Each client is led through the same script, over HTTP, by a cloud of
its own for each device; two of them at a time.

`--keep` puts what was measured into a file as it comes; what is in it already, with its seed and shots, is not measured
again. `--docs` writes the page and the picture of the documentation. For more certainty: `--shots 16384 --devices 10`.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from measure import print_table
from mitigated_values import CASES
from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY, CoherentNoise, door_to, emulated_cloud
from qiskit_runtime_service.testing.ready import mitigation

DEVICES = (
    "fake_montreal", "fake_kolkata", "fake_auckland", "fake_torino", "fake_fez",
    "fake_mumbai", "fake_hanoi", "fake_algiers", "fake_brisbane", "fake_marrakesh",
)  # fmt: skip
CLIENTS = {"this client": "qiskit_runtime_service", "IBM's client": "qiskit_ibm_runtime"}
WIDTHS = (2, 5, 6, 10, 20)
SCRIPT = Path(__file__).parent / "mitigated_values.py"
"""What both clients are led through."""

FLIPS = 4000
"""How many random signs the agreement of the clients is told by."""

TWIRLED = {"enable_gates": True, "enable_measure": True}
MANY = TWIRLED | {"shots_per_randomization": 64}
"""Random errors that are put in are few in each randomization, so there must be many: of 32, as is usual, the values
of PEA have standard errors of 0.1 at any number of shots."""
PEA = {"amplifier": "pea", "noise_factors": [1, 2, 3]}


class Technique(NamedTuple):
    """What is done, and what it is put on top of."""

    options: Mapping[str, Any]
    beside: str
    must: float
    """By which factor it must reduce the mean error, at least."""
    without: Mapping[str, str] = {}
    """For which circuits it need not, and why."""
    learned: bool = False


MOST_LAYERS = 4
"""So many layers are learned at most."""
WIDE = [case for case in CASES if case.startswith(("GHZ 20", "Ising", "mirror"))]
AS_PAULIS = (
    "from eight joined qubits on, all randomizations of a circuit are run as one, with coherent errors as random "
    "Paulis, which is what twirling makes of them"
)
FEW_GATES = (
    "each pair has one gate or two, so that coherent errors do not add up, and twirled gates cost more of others"
)
MOSTLY_ZZ = "all values but one are ZZ, which phases of waiting qubits do not touch, and pulses cost gates"
SHOTS = "with TREX the error is already what the shots are worth"
LAYERS = "it has ten layers to learn; a job of the service learns four"
TECHNIQUES = {
    "none": Technique({"resilience_level": 0}, "none", 1.0),
    "TREX": Technique({"resilience_level": 1}, "none", 1.2),
    "decoupling": Technique(
        {"resilience_level": 1, "dynamical_decoupling": {"enable": True, "sequence_type": "XY4"}},
        "TREX",
        1.05,
        {"Bell": "no qubit waits", "GHZ 5": MOSTLY_ZZ, "GHZ 20": MOSTLY_ZZ, "VQE 6": SHOTS},
    ),
    "twirling": Technique(
        {"resilience_level": 1, "twirling": TWIRLED},
        "TREX",
        1.05,
        {"Bell": FEW_GATES, "GHZ 5": FEW_GATES, **dict.fromkeys(WIDE, AS_PAULIS), "VQE 6": SHOTS},
    ),
    "ZNE, folding": Technique({"resilience_level": 2}, "twirling", 2.0, {"VQE 6": SHOTS}),
    "ZNE, PEA": Technique(
        {"resilience_level": 2, "twirling": MANY, "resilience": {"zne": PEA}},
        "twirling",
        2.0,
        {"GHZ 20": LAYERS, "VQE 6": SHOTS},
        learned=True,
    ),
    "PEC": Technique(
        {"resilience_level": 1, "twirling": MANY, "resilience": {"pec_mitigation": True}},
        "twirling",
        2.0,
        {"GHZ 20": LAYERS, "VQE 6": SHOTS},
        learned=True,
    ),
}
"""All but the first are told beside TREX, so that errors of the readout do not hide what they do."""

LEFT_OUT = {
    "post-selection": "the estimator has no option for it; learners of noise have `bit_flip_checks`, for leakage and "
    "slow flips, which these devices do not have",
}
"""What is not run, and why."""


class Estimate(NamedTuple):
    """What a client says of a circuit with a technique."""

    client: str
    device: str
    case: str
    technique: str
    values: list[float]
    stds: list[float]
    ideal: list[float]
    layers: int
    seconds: float

    @property
    def error(self) -> float:
        """The mean deviation from the truth."""
        return float(np.abs(np.subtract(self.values, self.ideal)).mean())


class Measured(msgspec.Struct, kw_only=True):
    """All that was measured, and how."""

    date: str
    shots: int
    seed: int
    estimates: list[Estimate]


class Part(NamedTuple):
    """What one client is asked on one device."""

    client: str
    device: str
    seed: int
    shots: int
    python: str
    cases: tuple[str, ...]
    techniques: tuple[str, ...]


def run(part: Part) -> list[Estimate]:
    """Return all that a client says on a device."""
    devices = [*DEVICES]
    noise = CoherentNoise(seed=1000 * part.seed + devices.index(part.device))
    world = mitigation(seed=100 * part.seed + [*CLIENTS].index(part.client))
    # The device is the same for both clients; what their jobs draw is not.
    cloud = emulated_cloud(msgspec.structs.replace(world, coherent=noise), executor=ThreadPoolExecutor(1))
    service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)
    backend = service.backend(part.device)
    question = {
        "package": CLIENTS[part.client],
        "key": API_KEY,
        "instance": service.active_instance(),
        "device": part.device,
        "lines": {width: best_line(backend, width) for width in WIDTHS},
        "shots": part.shots,
        "cases": part.cases,
        "techniques": {name: TECHNIQUES[name]._asdict() for name in part.techniques},
        # That client's learner of noise needs a package that it does not install.
        "libraries": sysconfig.get_path("purelib"),
        "most_layers": MOST_LAYERS,
    }
    environment = os.environ | {"QISKIT_IBM_RUNTIME_LOG_LEVEL": "ERROR"}
    command = [part.python, "-W", "ignore", str(SCRIPT)]
    estimates = []
    with (
        door_to(cloud) as door,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question | {"base": door.base}))
        process.stdin.close()
        for told in map(json.loads, process.stdout):
            estimates.append(Estimate(client=part.client, device=part.device, **told))
            if told["technique"] == part.techniques[-1]:
                print(f"{part.client}, {part.device}: {told['case']}", file=sys.stderr, flush=True)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return estimates


def best_line(backend: Any, length: int, kept: int = 500) -> list[int]:
    """Return coupled qubits in a row, with about the least errors of gates and readout."""
    target = backend.target
    readout = {qubit: target["measure"][(qubit,)].error for qubit in range(backend.num_qubits)}
    pairs: dict[tuple[int, int], float] = {}
    for one, other in backend.coupling_map:
        errors = [target[name].get((one, other)) for name in ("cx", "ecr", "cz") if name in target.operation_names]
        for error in (found.error for found in errors if found is not None):
            pairs[one, other] = pairs[other, one] = min(error, pairs.get((one, other), 1.0))
    paths = [(error, [qubit]) for qubit, error in readout.items()]
    for _ in range(length - 1):
        longer = [
            (cost + readout[other] + 2 * error, [*path, other])
            for cost, path in paths
            for (one, other), error in pairs.items()
            if one == path[-1] and other not in path
        ]
        paths = nsmallest(kept, longer)
    return paths[0][1]


def measure(parts: list[Part], found: Measured, kept: Path | None) -> None:
    """Add what is not measured yet, and keep it as it comes; how far it is goes to the standard error."""
    started = time.perf_counter()
    done = {(one.client, one.device) for one in found.estimates}
    left = [part for part in parts if (part.client, part.device) not in done]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for number, future in enumerate(as_completed(pool.submit(run, part) for part in left), 1):
            found.estimates = sorted([*found.estimates, *future.result()])
            if kept:
                kept.write_bytes(msgspec.json.encode(found))
            print(f"{number} of {len(left)} done, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


Errors = Mapping[tuple[str, str], float]
"""By technique and circuit: the mean error."""


def mean_errors(estimates: Iterable[Estimate]) -> Errors:
    """Return the mean error over devices and clients of each technique for each circuit."""
    errors: dict[tuple[str, str], list[float]] = {}
    for one in estimates:
        errors.setdefault((one.technique, one.case), []).append(one.error)
    return {key: float(np.mean(values)) for key, values in errors.items()}


def drawn_errors(estimates: Iterable[Estimate]) -> Errors:
    """Return which part of the mean errors is due to the shots: what two runs of the same differ by, over √2."""
    pairs: dict[tuple[str, str, str], list[list[float]]] = {}
    for one in estimates:
        pairs.setdefault((one.technique, one.case, one.device), []).append(one.values)
    apart: dict[tuple[str, str], list[float]] = {}
    for (technique, case, _), runs in pairs.items():
        if len(runs) == 2:
            apart.setdefault((technique, case), []).append(float(np.abs(np.subtract(*runs)).mean()) / 2**0.5)
    return {key: float(np.mean(values)) for key, values in apart.items()}


def factor(errors: Errors, name: str, cases: Iterable[str]) -> float:
    """Return by which factor a technique reduces the mean error of what it is put on."""
    chosen = [case for case in cases if (name, case) in errors]
    before = sum(errors[TECHNIQUES[name].beside, case] for case in chosen)
    return before / sum(errors[name, case] for case in chosen) if chosen else float("nan")


class Agreement(NamedTuple):
    """How two clients agree about a technique."""

    apart: float
    """The mean difference of their values."""
    chance: float
    """How likely it is that two runs of the same differ as consistently over the devices."""


def agreements(estimates: Iterable[Estimate]) -> dict[str, Agreement]:
    """Return by technique how the clients agree: by a test that flips signs.

    If both clients do the same, their differences of a circuit on a device may as well have the other sign, all at
    once. What tells a client that does something else is that differences have the same sign on all devices: for each
    circuit, the length of their sum over the devices, of what it could be. The chance is the share of random signs
    that lead to as much. Nothing is assumed of the errors, and reported standard errors are not relied on.
    """
    runs: dict[tuple[str, str, str], list[list[float]]] = {}
    for one in estimates:
        runs.setdefault((one.technique, one.case, one.device), []).append(one.values)
    apart: dict[str, dict[str, list[Any]]] = {}
    for (technique, case, _), values in runs.items():
        if len(values) == 2:
            apart.setdefault(technique, {}).setdefault(case, []).append(np.subtract(*values))
    die, found = np.random.default_rng(0), {}
    for technique, cases in apart.items():
        if max(map(len, cases.values())) < 2:
            continue  # on one device any sign is as consistent
        seen, drawn = 0.0, np.zeros(FLIPS)
        for rows in map(np.array, cases.values()):
            most = np.square(rows).sum() or 1.0
            signs = die.choice([-1.0, 1.0], (FLIPS, len(rows)))
            seen += float(np.square(rows.sum(axis=0)).sum() / most)
            drawn += np.square(signs @ rows).sum(axis=1) / most
        mean = float(np.mean([np.abs(row).mean() for rows in cases.values() for row in rows]))
        found[technique] = Agreement(mean, float((drawn >= seen * (1 - 1e-9)).mean()))
    return found


def cases_of(estimates: Iterable[Estimate]) -> list[str]:
    """Return the circuits that were run, in our order."""
    known = {one.case for one in estimates}
    return [case for case in CASES if case in known]


def gains(errors: Errors, cases: list[str]) -> list[tuple[str, ...]]:
    """Return for each technique by how much it reduces the error, and what is wanted, where it can."""
    rows = []
    for name, technique in TECHNIQUES.items():
        able = [case for case in cases if case not in technique.without]
        reduced = factor(errors, name, able)
        if name != "none" and reduced == reduced:
            verdict = "" if reduced >= technique.must else "missed"
            rows.append((name, technique.beside, f"{reduced:.2f}", f"{technique.must:.2f}", verdict))
    return rows


def error_rows(errors: Errors, cases: list[str]) -> list[tuple[str, ...]]:
    """Return a row for each technique with its mean error for each circuit."""
    return [
        (name, *(f"{errors[name, case]:.3f}" if (name, case) in errors else "–" for case in cases))
        for name in TECHNIQUES
    ]


def gain_rows(errors: Errors, cases: list[str]) -> list[tuple[str, ...]]:
    """Return a row for each technique with the factor for each circuit."""
    return [
        (name, *(f"{factor(errors, name, [case]):.1f}" if (name, case) in errors else "–" for case in cases))
        for name in TECHNIQUES
        if name != "none"
    ]


def agreement_rows(told: Mapping[str, Agreement]) -> list[tuple[str, ...]]:
    """Return a row for each technique."""
    return [(name, f"{told[name].apart:.4f}", f"{told[name].chance:.3f}") for name in TECHNIQUES if name in told]


def reasons(cases: list[str]) -> list[tuple[str, str, list[str]]]:
    """Return techniques, why they cannot help, and for which circuits."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, technique in TECHNIQUES.items():
        for case, reason in technique.without.items():
            if case in cases:
                found.setdefault((name, reason), []).append(case)
    return [(name, reason, where) for (name, reason), where in found.items()]


def show(found: Measured) -> None:
    """Print all tables."""
    estimates = found.estimates
    title = f"{len({one.device for one in estimates})} devices, {found.shots} shots, seed {found.seed}"
    cases, errors, drawn = cases_of(estimates), mean_errors(estimates), drawn_errors(estimates)
    print_table(f"Mean error of expectation values, {title}", [("", *cases), *error_rows(errors, cases)])
    if drawn:
        print_table("Of that, what the shots are worth", [("", *cases), *error_rows(drawn, cases)])
    print_table("Less by this factor for each circuit", [("", *cases), *gain_rows(errors, cases)])
    print_table("Less by this factor, where it can be", [("", "than", "less", "wanted", ""), *gains(errors, cases)])
    print()
    for name, reason, where in reasons(cases):
        print(f"  not counted: {name}, {', '.join(where)}: {reason}")
    for name, reason in LEFT_OUT.items():
        print(f"  not run: {name}: {reason}")
    told = agreements(estimates)
    if told:
        print_table("Both clients", [("", "mean difference", "chance of it"), *agreement_rows(told)])
        least = min(min(one.chance for one in told.values()) * len(told), 1.0)
        print(
            f"\n  {'they agree' if least >= 0.01 else 'THEY DIFFER'}: {least:.2f} for the least of {len(told)} chances"
        )
    seconds: dict[str, list[float]] = {}
    for one in estimates:
        seconds.setdefault(one.technique, []).append(one.seconds)
    print_table("A job, in seconds", [(name, f"{np.mean(spent):.2f}") for name, spent in seconds.items()])


TICKS = [step * 10.0**power for power in (-4, -3, -2, -1) for step in (1, 2, 5)] + [1.0]


def draw(estimates: list[Estimate], path: Path) -> None:
    """Draw the mean error of each technique for each circuit: filled for this client, rings for the other."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    colours = ("#444444", "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7")
    marks = ("o", "s", "^", "v", "D", "P", "X")
    cases = cases_of(estimates)
    by_client = {name: mean_errors(one for one in estimates if one.client == name) for name in CLIENTS}
    with mpl.rc_context({"svg.hashsalt": "mitigation", "font.size": 10}):
        figure = Figure(figsize=(9, 0.52 * len(cases) + 1.4), layout="constrained")
        axes = figure.add_subplot()
        for row, case in enumerate(cases):
            axes.axhspan(row - 0.5, row + 0.5, color="#f4f4f4" if row % 2 else "white", zorder=0)
            for number, (name, colour, mark) in enumerate(zip(TECHNIQUES, colours, marks, strict=True)):
                height = row + (number - (len(TECHNIQUES) - 1) / 2) * 0.11
                ours, theirs = (by_client[client].get((name, case)) for client in CLIENTS)
                if theirs is not None:
                    axes.plot(theirs, height, mark, ms=10, mfc="none", mec=colour, mew=0.9, zorder=2)
                if ours is not None:
                    axes.plot(ours, height, mark, ms=6.5, color=colour, mew=0, zorder=3)
        axes.set_ylim(len(cases) - 0.5, -0.5)
        axes.set_yticks(range(len(cases)), cases)
        axes.set_xscale("log")
        axes.set_xlabel("mean error of expectation values")
        low, high = axes.get_xlim()
        axes.set_xticks([tick for tick in TICKS if low < tick < high], minor=False)
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.grid(axis="x", color="#dddddd", lw=0.6, zorder=1)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        shown = [
            Line2D([], [], ls="", marker=mark, color=colour, label=name)
            for name, colour, mark in zip(TECHNIQUES, colours, marks, strict=True)
        ]
        if by_client["IBM's client"]:
            shown.append(Line2D([], [], ls="", marker="o", ms=10, mfc="none", color="#444444", label="IBM's client"))
        figure.legend(handles=shown, loc="outside upper center", ncols=len(shown), frameon=False, columnspacing=1.2,
                      handletextpad=0.2)  # fmt: skip
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


PAGE = """# What mitigation gains

{summary}

{picture}

Measured {date} on recorded devices ({names})
of the ready world `mitigation`, with {shots:,} shots and the seed {seed}, by

```sh
{command}
```

It runs each circuit with each technique {clients}, on the best line of each device. An error is the mean
deviation of the expectation values of a circuit from the truth, here over all devices{both}.

## The errors

{errors}

{drawn}

## By which factor

A technique is compared with what it is put on top of, over the circuits for which it can help.

{gains}

For each circuit:

{factors}

## Where it cannot help, and why

{reasons}

{agreement}"""
PICTURE = (
    "![For each circuit the mean error of its expectation values, on a logarithmic scale, with each technique]"
    "(../pictures/mitigation.svg)"
)
SUMMARY = """An emulated cloud has noise that mitigation can work on, so a test shows what a technique is worth before
it is paid for. By these factors errors shrink: {best}."""
DRAWN = """Of that, what the shots are worth, told by what two runs of the same differ by, over √2:

{rows}"""
AGREEMENT = """## Two clients, the same values

Filled marks of the picture are this client, rings IBM's. Each had a cloud of its own, with the same devices and other
dice. If both do the same, the difference of their values for a circuit on a device may as well have the other sign:
the chance says how often {flips:,} random signs make the differences as consistent over the devices as they are.

{rows}
"""


def markdown(rows: list[tuple[str, ...]]) -> str:
    """Return a table of Markdown, the first row of it in its head."""
    head, *others = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *others])


def write_page(found: Measured, path: Path) -> None:
    """Write the page of the documentation."""
    estimates = found.estimates
    cases, errors, drawn = cases_of(estimates), mean_errors(estimates), drawn_errors(estimates)
    devices = list(dict.fromkeys(one.device for one in estimates))
    told = agreements(estimates)
    best = [f"{less} with {name}" for name, _, less, _, _ in gains(errors, cases)]
    existing = " --existing PYTHON" if len({one.client for one in estimates}) > 1 else ""
    options = f"{existing} --shots {found.shots} --devices {len(devices)} --seed {found.seed}"
    text = PAGE.format(
        summary=SUMMARY.format(best="; ".join(best)),
        picture=PICTURE,
        date=found.date,
        names=", ".join(f"`{name}`" for name in devices),
        shots=found.shots,
        seed=found.seed,
        command=f"python benchmarks/bench_mitigation.py{options} --docs docs",
        clients="through this client and through IBM's own, unmodified, over HTTP" if existing else "over HTTP",
        both=" and both clients" if existing else "",
        errors=markdown([("", *cases), *error_rows(errors, cases)]),
        drawn=DRAWN.format(rows=markdown([("", *cases), *error_rows(drawn, cases)])) if drawn else "",
        gains=markdown([("technique", "on top of", "less by", "wanted", ""), *gains(errors, cases)]),
        factors=markdown([("", *cases), *gain_rows(errors, cases)]),
        reasons="\n".join(
            [
                *(f"- **{name}**, {', '.join(where)}: {reason}." for name, reason, where in reasons(cases)),
                *(f"- **{name}** is not run: {reason}." for name, reason in LEFT_OUT.items()),
            ]
        ),
        agreement=AGREEMENT.format(
            flips=FLIPS, rows=markdown([("technique", "mean difference", "chance"), *agreement_rows(told)])
        )
        if told
        else "",
    )
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--existing", metavar="PYTHON", default=os.environ.get("EXISTING_PYTHON"))
    parser.add_argument("--shots", type=int, default=8192)
    parser.add_argument("--devices", type=int, default=5, choices=range(1, len(DEVICES) + 1), metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=[*CASES], metavar="CASE")
    parser.add_argument("--techniques", nargs="+", choices=TECHNIQUES, default=[*TECHNIQUES], metavar="NAME")
    parser.add_argument("--keep", type=Path, metavar="FILE")
    parser.add_argument("--docs", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    found = Measured(date=datetime.now(UTC).date().isoformat(), shots=given.shots, seed=given.seed, estimates=[])
    if given.keep and given.keep.exists():
        found = msgspec.json.decode(given.keep.read_bytes(), type=Measured)
    pythons = {"this client": sys.executable} | ({"IBM's client": given.existing} if given.existing else {})
    parts = [
        Part(client, device, found.seed, found.shots, python, tuple(given.cases), tuple(given.techniques))
        for device, (client, python) in product(DEVICES[: given.devices], pythons.items())
    ]
    measure(parts, found, given.keep)
    show(found)
    if given.docs:
        draw(found.estimates, given.docs / "pictures" / "mitigation.svg")
        write_page(found, given.docs / "explanation" / "what-mitigation-gains.md")


if __name__ == "__main__":
    main()
