"""Figures of results, as two clients draw them of the same data.

As a script it draws with IBM's client, in the environment of that client, and prints what stands in each figure.
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.primitives.containers import DataBin
from qiskit.quantum_info import Pauli, PauliList
from samplomatic.quantum_program import ChunkPart, ChunkSpan, ChunkTiming

TOLD = ("name", "mode", "fill", "legendgroup", "showlegend", "hoverinfo", "xaxis", "yaxis")
DRAWN = ("FakeFez", "FakeCairoV2", "FakeLagosV2", "FakeGuadalupeV2", "FakeMelbourneV2", "FakeAlmadenV2")
PLACED = ("FakeTorino", "FakeBrisbane", "FakeNighthawk", "FakeWashingtonV2", "FakeBrooklynV2", "FakeRochesterV2")
"""Devices, some of which do not tell where their qubits are."""


def at(seconds: float) -> datetime:
    return datetime(2026, 11, 30, 12, tzinfo=UTC) + timedelta(seconds=seconds)


def spans_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures of execution spans."""
    kinds = import_module(f"{client}.execution_span")
    draw = import_module(f"{client}.visualization").draw_execution_spans
    first = kinds.SliceSpan(at(5), at(9.25), {0: ((100,), slice(40, 100)), 2: ((10,), slice(0, 10))})
    one = kinds.ExecutionSpans([first, kinds.SliceSpan(at(0), at(4), {0: ((100,), slice(0, 40))})])
    other = kinds.ExecutionSpans([kinds.DoubleSliceSpan(at(2.5), at(3), {1: ((3, 100), slice(0, 2), slice(10, 20))})])
    many = [
        kinds.SliceSpan(at(step % 7), at(step + 7.5), {pub: ((9,), slice(0, 1 + pub % 3)) for pub in range(step)})
        for step in range(1, 40)
    ]
    none = kinds.ExecutionSpans([])
    return {
        "as it is": one.draw,
        "named": lambda: one.draw("mine", normalize_y=True, line_width=7),
        "two": lambda: draw(one, other, names=["a", "b"]),
        "two, together": lambda: draw(one, other, names=["a", "b"], common_start=True, show_legend=False),
        "two, more names": lambda: draw(one, other, names=["a", "b", "c"], normalize_y=True),
        "none": none.draw,
        "nothing": draw,
        "one that is empty": lambda: draw(none, one, names=["none", "one"]),
        "many": kinds.ExecutionSpans(many).draw,
    }


def timings_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures of chunks."""
    draw = import_module(f"{client}.visualization").draw_chunk_timings
    one = ChunkTiming([ChunkSpan(at(3), at(4), [ChunkPart(0, 5)]), ChunkSpan(at(0), at(2), [ChunkPart(0, 3)])])
    other = ChunkTiming([ChunkSpan(at(9), at(9.5), [ChunkPart(item, 2) for item in range(12)])])
    return {
        "as they are": lambda: draw(one, tz=UTC),
        "named": lambda: draw(one, other, names=["a"], tz=UTC, common_start=True, normalize_y=True, line_width=2),
        "nothing": draw,
    }


def layer(client: str, qubits: list[int], rates: dict[str, float]) -> Any:
    """Return the error of a layer without gates."""
    kinds = import_module(f"{client}.results")
    error = kinds.PauliLindbladError(PauliList(list(rates)), list(rates.values()))
    return kinds.LayerError(QuantumCircuit(len(qubits)), qubits, error)


def maps_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures on maps."""
    place = import_module(f"{client}.visualization.embeddings").Embedding
    devices = import_module(f"{client}.fake_provider")
    bent = place([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], [(0, 1), (1, 2), (0, 3), (3, 4), (4, 5)])
    both = place([(0, 0), (0, 1), (0, 3)], [(1, 0), (0, 1), (2, 1)])
    some = {"IIIX": 0.01, "IIXI": 0.01, "IXII": 0.01, "YIII": 0.005, "ZIII": 0.02, "IIZZ": 0.01, "IIXX": 0.012}
    single = {"IIX": 0.01, "IXI": 0.03, "ZII": 0.02}
    drawn = {
        "bent": lambda: layer(client, [1, 2, 3, 4], some).draw_map(bent, num_edge_segments=3),
        "both ways": lambda: layer(client, [0, 1, 2], {**single, "XYI": 0.04, "IXX": 0.01}).draw_map(both),
        "out of scale": lambda: layer(client, [0, 1, 2], {**single, "IXX": 0.021}).draw_map(
            both, "viridis", "blue", "red", 2, 9, 300, 0.02, "pink", 0.4, 200
        ),
        "three bodies": lambda: layer(client, [0, 1, 2], {**single, "XXX": 0.5}).draw_map(both, num_edge_segments=1),
    }
    for name in DRAWN:
        drawn[name] = partial(map_of_a_pair, client, getattr(devices, name))
    return drawn


def map_of_a_pair(client: str, device: Callable[[], Any]) -> Any:
    return layer(client, [0, 1], {"IX": 0.05, "YI": 0.1, "ZZ": 0.2}).draw_map(device(), num_edge_segments=1)


def swarms_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures of swarms."""
    draw = import_module(f"{client}.visualization").draw_layer_errors_swarm
    one = layer(client, [0, 1, 2], {"IIX": 0.01, "IXI": 0.011, "IXX": 0.02, "ZZI": 0.021, "YII": 0.03, "XXX": 0.0})
    other = layer(client, [4, 5], {"IX": 0.01, "XI": 0.02})
    dice = np.random.default_rng(5)
    wide = [f"{'I' * place}{letter}{'I' * (49 - place)}" for place in range(50) for letter in "XYZ"]
    many = [layer(client, list(range(50)), {label: float(dice.exponential(1e-3)) for label in wide}) for _ in range(3)]
    return {
        "one": one.draw_swarm,
        "one body": lambda: one.draw_swarm(num_bodies=1),
        "above": lambda: one.draw_swarm(min_rate=0.02),
        "below": lambda: one.draw_swarm(max_rate=0.02, num_bins=2),
        "nothing left": lambda: one.draw_swarm(num_bodies=3, min_rate=0.5),
        "joined whatever the rate": lambda: one.draw_swarm(max_rate=0.02, connected=["YII", "ZZZ"]),
        "all said": lambda: draw(
            [one, other],
            1,
            0.025,
            0.001,
            [Pauli("IX"), "IIX"],
            ["red", "blue"],
            2,
            [0.1, 0.2],
            ["a", "b"],
            [2, 5],
            3,
            300,
            400,
        ),
        "many": lambda: draw(many, connected=wide[:4], num_bins=20),
        "many, some": lambda: draw(many, min_rate=0.0005, max_rate=0.002),
    }


SCHEDULE = """\
main,barrier,Qubit 0,0,0,barrier
main,reset_0,Qubit 0,0,64,play
main,reset_0,Qubit 1,0,64,play
main,rz_0,Qubit 0,64,0,shift_phase
main,x_0,Qubit 0,64,8,play
main,sx_0,Qubit 0,72,8,play
main,sx_0,Qubit 0,80,8,play
main,cz_0,Qubit 0,88,20,play
main,cz_0,Qubit 1,88,20,play
main,barrier,Qubit 0,108,0,barrier
main,measure_2_0,Qubit 0,108,216,play
main,measure_2_0,Qubit 0,324,64,capture
main,measure_2_0,AWGR0_0,324,64,capture
then,x_1,Qubit 1,400,8,play
then,x_1,Qubit 1,408,8,play
else,x_2,Qubit 1,400,8,play
else,rz_1,Qubit 1,408,0,shift_phase
main,INIT_0,Broadcast,500,30,broadcast
main,INIT_0,Receive,530,30,receive
"""


def schedules_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures of when instructions play."""
    draw = import_module(f"{client}.visualization").draw_circuit_schedule_timing
    return {
        "as it is": lambda: draw(SCHEDULE),
        "without readout": lambda: draw(SCHEDULE, filter_readout_channels=True),
        "without barriers": lambda: draw(SCHEDULE, filter_barriers=True, width=700),
        "merged": lambda: draw(SCHEDULE, merge_common_instructions=True),
        "some": lambda: draw(SCHEDULE, ["AWGR0_0", "Qubit 0", "Qubit 7"], True, True, True, 900),
        "no text": lambda: draw(3),
        "five fields": lambda: draw("main,x_0,Qubit 0,0,8"),
        "another branch": lambda: draw("for,x_0,Qubit 0,0,8,play"),
        "half a sample": lambda: draw("main,x_0,Qubit 0,0.5,8,play"),
    }


def extrapolated(client: str, shape: tuple[int, ...], **other: Any) -> Any:
    """Return the result of a PUB with ZNE, with two models."""
    dice = np.random.default_rng(len(shape))
    tails: dict[str, tuple[int, ...]] = {"": (), "_noise_factors": (3,), "_extrapolated": (2, 4)}
    values = {f"evs{name}": dice.uniform(-1, 1, (*shape, *tail)) for name, tail in tails.items()}
    values |= {f"stds{name}": dice.uniform(0, 0.05, (*shape, *tail)) for name, tail in tails.items()}
    models = ["exponential", "linear"]
    told = {"noise_factors": [1, 3, 5], "extrapolators": models, "extrapolated_noise_factors": [0, 1, 3, 5]}
    made = import_module(f"{client}.results").EstimatorPubResult
    return made(DataBin(**{**values, **other}, shape=shape), {"resilience": {"zne": told}})


def fits_of(client: str) -> dict[str, Callable[[], Any]]:
    """Return figures of extrapolations."""
    far, unsure = np.full((3, 2, 4), 0.5), np.full((3, 2, 4), 0.01)
    far[0, 0, 1], unsure[2, 1, 3] = -11, 0.3
    lame = extrapolated(client, (3,), evs_extrapolated=far, stds_extrapolated=unsure)
    plain, square = extrapolated(client, (5,)), extrapolated(client, (2, 3))
    return {
        "values": plain.draw_zne_evs,
        "models": plain.draw_zne_extrapolators,
        "values left out": lame.draw_zne_evs,
        "models left out": lame.draw_zne_extrapolators,
        "more shown": lambda: lame.draw_zne_evs(max_mag=20, max_std=1, num_stds=2),
        "some values": lambda: square.draw_zne_evs([(0, 1), (1, 2)], num_cols=1, height=300, width=400),
        "some models": lambda: square.draw_zne_extrapolators([(0, 1), (1, 2)], ["a", "b"], 3),
    }


def plain(value: Any) -> Any:
    """Return numbers, texts and lists of them; numbers as far as two ways to compute them agree."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return (
        round(float(value), 9) if isinstance(value, float | int | np.number) and not isinstance(value, bool) else value
    )


def told(figure: Any) -> dict[str, Any]:
    """Return what stands in a figure, but for its colours."""
    traces = [
        {name: trace[name] for name in TOLD}
        | {name: plain(trace[name]) for name in ("x", "y", "text", "hovertemplate", "customdata")}
        | {"errors": plain(trace.error_y.array), "width": trace.line.width, "size": plain(trace.marker.size)}
        for trace in figure.data
    ]
    axes = {name: axis for name, axis in figure.to_dict()["layout"].items() if name[1:5] == "axis"}
    return {
        "traces": traces,
        "titles": {name: axis.get("title", {}).get("text") for name, axis in axes.items()},
        "ticks": {
            name: [plain(axis.get("tickvals")), plain(axis.get("ticktext")), axis.get("tickformat")]
            for name, axis in axes.items()
        },
        "words": [[note.text, plain(note.x), plain(note.y)] for note in figure.layout.annotations],
        "shapes": len(figure.layout.shapes),
        "legend": figure.layout.showlegend,
        "sides": [figure.layout.height, figure.layout.width],
    }


GROUPS = (spans_of, timings_of, maps_of, swarms_of, fits_of, schedules_of)


def draw_all(client: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what stands in each figure, by its name."""
    for group in GROUPS:
        for name, draw in group(client).items():
            try:
                found = told(draw())
            except (KeyError, ValueError) as error:
                found = {"error": type(error).__name__}
            yield f"{group.__name__.removesuffix('_of')}: {name}", found


def find_places(client: str) -> dict[str, Any]:
    """Return where the qubits of devices are, by their names."""
    place = import_module(f"{client}.visualization.embeddings").Embedding
    devices = import_module(f"{client}.fake_provider")
    return {name: place.from_backend(getattr(devices, name)()).coordinates for name in PLACED}


if __name__ == "__main__":
    THEIRS = "qiskit_ibm_runtime"
    json.dump({"figures": dict(draw_all(THEIRS)), "places": find_places(THEIRS)}, sys.stdout)
