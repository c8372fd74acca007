"""Promise 13: whatever bytes arrive, decoding ends soon, within bounds, with a value or a documented problem."""

import base64
import gzip
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import zipfile
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import click
import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import ParameterVector
from qiskit.circuit.library import RYGate, UnitaryGate, XGate

from qiskit_runtime_service.bridge import execution_spans, result_types
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.cli.circuits import read_circuits
from qiskit_runtime_service.records.problem import TooLarge, UnreadableValue
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, one_instance

from ..support import qpy_parts as parts
from ..support.existing import PYTHON, needs_existing_client
from ..support.seconds import cpu_seconds
from .savers import say
from .sizes import Control, Tally, few, is_full, is_small, size

HERE = Path(__file__).parent
SCRIPT = HERE / "payloads.py"
# The script has to run where none of our packages is, so it is loaded as it stands.
VALUES: dict[str, Any] = runpy.run_path(str(HERE.parent / "compat" / "values.py"))
ANSWERS = HERE / "answers.py"
DOCUMENTED = {"value", "UnreadableValue", "TooLarge", "TooNew", "TooSlow"}
PEAK = 512 << 20


def corpus() -> list[str]:
    """Return a text for every tag, and the results of the protocol."""
    made = [encode_value(value).decode() for value in VALUES["every_value"](execution_spans, result_types).values()]
    samples = sorted((HERE.parent / "emulator" / "samples").glob("job_results_*.json"))
    return [*made, encode_value(sized()).decode(), *(path.read_text() for path in samples)]


def sized() -> QuantumCircuit:
    """Return a circuit that declares sizes of every kind: matrices, vectors, expressions, bodies, gates of its own."""
    angles = ParameterVector("angles", 3)
    circuit = QuantumCircuit(3, 3, global_phase=angles[0])
    circuit.rx(angles[1] * 2 + angles[2], 0)
    circuit.append(UnitaryGate(np.eye(4)), [0, 1])
    circuit.append(XGate().control(2, ctrl_state=1), [0, 1, 2])
    circuit.append(RYGate(0.5).control(2, annotated=True), [0, 1, 2])
    with circuit.for_loop(range(2)):
        circuit.h(1)
    return circuit


def decode_damaged(
    python: str, client: str, seed: int, count: int, texts: list[str] | None = None, seconds: float = 0.5
) -> Any:
    """Run the script and return its counts; `None` where decoding has ended the process."""
    done = subprocess.run(
        [python, "-W", "ignore", str(SCRIPT), client, str(seed), str(count), str(seconds)],
        input=json.dumps(corpus() if texts is None else texts),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
    )
    assert done.returncode in {0, -signal.SIGABRT}, done.stderr[-2000:]
    return json.loads(done.stdout) if done.returncode == 0 else None


@pytest.mark.takes_long
def test_damaged_payloads_give_a_value_or_a_documented_problem(tried: Tally) -> None:
    total, seeds = size(10**6, part=1000), range(1 if is_small() else 2)
    tried(total)
    with ThreadPoolExecutor(len(seeds)) as pool:
        counts = list(pool.map(lambda seed: decode_damaged(sys.executable, "ours", seed, total // len(seeds)), seeds))
    assert None not in counts
    for report in counts:
        say(f"ours: {report['outcomes']}, slowest {report['slowest']:.3f} s, peak {report['peak'] >> 20} MiB")
    assert [report["samples"] for report in counts] == [{}] * len(seeds)
    for report in counts:
        assert set(report["outcomes"]) <= DOCUMENTED
        assert report["slow"] == 0
        # What is beyond this is refused by the system, and ends in another outcome.
        assert report["peak"] <= report["before"] + PEAK


def bodies_of(program: str) -> list[str]:
    """Return results and parameters of a program that has a schema, in all versions of it."""
    folders = (HERE.parent / "programs" / "samples", HERE.parent / "data" / "learners")
    paths = {path.stem: path for folder in folders for path in sorted(folder.glob("*.json"))}
    bodies = []
    for name, path in paths.items():
        kind, _, part = name.rpartition("_")
        asked = json.loads(paths[f"{kind}_request"].read_text())
        body = asked["params"] if part == "request" else json.loads(path.read_text())
        if asked["program_id"] == program and "schema_version" in body:
            bodies.append(json.dumps(body, separators=(",", ":")))
    return bodies


BODIES = {"executor": 10**5, "noise-learner": 5 * 10**4, "calibrate": 10**4}
"""How many bodies of each program are damaged."""


@pytest.mark.takes_long
@pytest.mark.parametrize("program", few(BODIES))
def test_damaged_bodies_of_programs_give_a_value_or_a_documented_problem(program: str, tried: Tally) -> None:
    count = size(BODIES[program], part=100)
    tried(count)
    report = decode_damaged(sys.executable, program, 5, count, bodies_of(program))
    assert report is not None
    say(f"{program}: {report['outcomes']}, slowest {report['slowest']:.3f} s, peak {report['peak'] >> 20} MiB")
    assert report["samples"] == {}
    assert set(report["outcomes"]) <= DOCUMENTED
    assert report["slow"] == 0
    assert report["peak"] <= report["before"] + PEAK


# Results that ask for much of whoever reads them for a user


def bits(*shape: int) -> dict[str, object]:
    """Return what stands for truth values, all false."""
    count = -(-np.prod(shape) // 8)
    data = base64.b64encode(zlib.compress(bytes(int(count)))).decode()
    return {"data": data, "shape": shape, "dtype": "bool"}


def estimated(*shape: int, flips: tuple[int, ...] | None = None, **entry: Any) -> str:
    """Return the result of an estimator with other bits of its circuits, and other words about its observables."""
    body = json.loads((HERE.parent / "programs" / "samples" / "estimator_level1_result.json").read_text())
    flipped = bits(*(flips or (*shape[:-2], 1, shape[-1])))
    held = {"results": {"_meas": bits(*shape), "measurement_flips._meas": flipped}, "metadata": None}
    told = body["passthrough_data"]
    first, trex = told["qiskit_mitigation"]
    factors = len(entry.get("noise_factors", (1,)))
    body["data"][:1] = [held] * factors
    trex["program_item_index"] = factors
    first.update(entry)
    told["post_processor"]["options"]["resilience"]["zne_mitigation"] = factors > 1
    return json.dumps(body)


def many(count: int, **more: Any) -> dict[str, Any]:
    """Return words about so many observables, each for so many sets of parameter values."""
    pairs = [[[index, 0], "IIIZZ"] for index in range(count)]
    return {"param_shape": [count, 1], "param_basis_pairs": pairs, "observables": [{"IIIZZ": 1.0}] * count, **more}


def calibrated(shots: int) -> str:
    """Return the result of an estimator whose readout has bits of one shape and flips of another."""
    body = json.loads(estimated(3, 2, 8, 5))
    body["data"][1]["results"] = {"_meas": bits(shots, 1, 5), "measurement_flips._meas": bits(1, shots, 5)}
    return json.dumps(body)


def estimates() -> dict[str, tuple[str, str]]:
    """Return texts of a few kilobytes, and what must come of each."""
    zne: dict[str, Any] = {"mitigation": "gate_folding", "noise_factors": [1.0, 3.0, 5.0]}
    one: dict[str, Any] = {"param_basis_pairs": [[[], "IIIZZ"]] * 2}
    return {
        "what it is": (estimated(3, 2, 8, 5, **one, observables=[{"IIIZZ": 1.0}]), "value"),
        "flips of a readout that multiply": (calibrated(20_000), "UnreadableValue"),
        "flips that multiply": (estimated(9000, 1, 1, 5, flips=(1, 9000, 1, 5), **one), "UnreadableValue"),
        "flips that multiply, amplified": (estimated(9000, 1, 1, 5, flips=(1, 9000, 1, 5), **zne), "UnreadableValue"),
        "90,000 values": (estimated(3, 300, 8, 5, **many(300)), "TooSlow"),
        "9,000,000 values": (estimated(3, 3000, 8, 5, **many(3000)), "TooSlow"),
        "90,000 values, amplified": (estimated(3, 300, 8, 5, **many(300, **zne)), "TooSlow"),
        "300 terms of 300,000 shots": (
            estimated(3, 2, 100_000, 5, **one, observables=[{"IIIZZ": 1.0}] * 300),
            "TooSlow",
        ),
        "2,000 terms, and 2,000 bases for each": (
            estimated(3, 2000, 8, 5, param_basis_pairs=[[[], "IIIZZ"]] * 2000, observables=[{"IIIZZ": 1.0}] * 2000),
            "TooSlow",
        ),
    }


@pytest.mark.takes_long
@pytest.mark.holds("B412")
def test_what_an_estimator_makes_of_its_result_is_bounded_too(tried: Tally) -> None:
    texts = estimates()
    tried(len(texts))
    # The first loads the libraries, which takes the better part of a second.
    decoded = [text for text, _ in texts.values()]
    reports = decode_damaged(sys.executable, "executor", 0, 0, [decoded[0], *decoded])
    assert reports is not None
    (_, _, before), *reports = reports
    for (name, (text, expected)), (outcome, seconds, peak) in zip(texts.items(), reports, strict=True):
        say(f"{name}: {len(text)} bytes, {outcome} after {seconds:.2f} s, peak {peak >> 20} MiB")
        assert outcome == expected, name
        assert seconds <= 1.0, name
        assert peak - before <= PEAK, name


@needs_existing_client
def test_the_existing_client_for_comparison(control: Control) -> None:
    seeds = range(size(20))
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda seed: decode_damaged(PYTHON, "theirs", seed, 250), seeds))
    ended = [report for report in counts if report is not None]
    outcomes = sum((Counter(report["outcomes"]) for report in ended), Counter[str]())
    slowest, peak = (max((report[figure] for report in ended), default=0) for figure in ("slowest", "peak"))
    aborts = len(counts) - len(ended)
    say(f"existing client: {dict(outcomes)}, {aborts} of {len(counts)} processes ended by a payload")
    say(f"existing client: slowest {slowest:.3f} s, peak {peak >> 20} MiB")
    assert outcomes.total() == 250 * len(ended)
    control(f"{aborts} of {len(counts)} processes were ended by one of 250 payloads, slowest {slowest:.1f} s")


def bombs() -> dict[str, bytes]:
    """Return small texts that ask for much, by what they ask for."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1073741824,), }\n"
    start = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("format.npy", start + bytes(1 << 26))
    return {
        "an array": tagged("ndarray", packed(start, 1 << 28)),
        "an array of text": json.dumps({"__type__": "ndarray", "__value__": ["a" * 10**6, *["b"] * 10**4]}).encode(),
        "a circuit": tagged("QuantumCircuit", packed(b"QISKIT\x11", 1 << 28)),
        "a sparse matrix": tagged("spmatrix", base64.b64encode(archive.getvalue())),
        "depth": b"[" * 10**7 + b"]" * 10**7,
        "values": b"[" + b"0," * 10**7 + b"0]",
        "labels": json.dumps(labels("X" * 10**6, *["X"] * 10**4)).encode(),
    }


def tagged(tag: str, text: bytes) -> bytes:
    return json.dumps({"__type__": tag, "__value__": text.decode()}).encode()


def packed(start: bytes, zeros: int) -> bytes:
    """Return base64 of a zlib stream of `start` and as many zeros."""
    whole = zlib.adler32(bytes(zeros), zlib.adler32(start))
    return base64.b64encode(b"\x78\xda" + deflated(start, bytes(1 << 20), zeros >> 20) + whole.to_bytes(4, "big"))


def deflated(start: bytes, block: bytes, times: int, end: bytes = b"") -> bytes:
    """Return what unpacks to `start`, so many times `block`, and `end`, without packing the block more than once."""
    stream = zlib.compressobj(9, wbits=-15)
    # What was flushed in full stands for itself, wherever it is.
    first, again = (stream.compress(part) + stream.flush(zlib.Z_FULL_FLUSH) for part in (start, block))
    return first + again * times + stream.compress(end) + stream.flush()


def labels(*texts: str) -> dict[str, object]:
    place = {"__module__": "qiskit.quantum_info.operators.symplectic.pauli_list", "__class__": "PauliList"}
    return {"__type__": "settings", **place, "__value__": {"data": texts}}


@pytest.mark.takes_long
def test_a_bomb_is_refused_in_half_a_second(tried: Tally) -> None:
    tried(len(bombs()))
    for name, body in bombs().items():
        seconds, refusal = cpu_seconds(partial(decode_result, body), limit=0.5)
        problem = refusal.failure()
        say(f"{name}: refused after {seconds:.3f} s: {problem}"[:160])
        assert isinstance(problem, TooLarge | UnreadableValue), name
        assert seconds < 0.5, name


# Values of which each part is within its limit


def circuits() -> dict[str, bytes]:
    """Return circuits that are short, and long for whoever reads them."""
    phase = (b"f", bytes(8))
    held = parts.circuit(phase=phase, instructions=[parts.instruction()])
    for level in range(8):
        name = b"own%d" % level
        own = [parts.custom(name, definition=held)]
        held = parts.circuit(phase=phase, customs=own, instructions=[parts.instruction(name)] * 60)
    wide = parts.circuit(qubits=100_000, clbits=100_000, phase=phase)
    many = parts.circuit(phase=phase, instructions=[parts.instruction()] * 700_000)
    small = [(b"q", parts.circuit(phase=phase))] * 2000
    bodies = parts.circuit(phase=phase, instructions=[parts.instruction(b"BoxOp", params=small)] * 50)
    return {"wide": wide, "definitions": held, "instructions": many, "bodies": bodies}


def multiplied() -> dict[str, bytes]:
    """Return values that ask for much although each part of them asks for what it may."""
    read = {
        name: tagged("QuantumCircuit", base64.b64encode(zlib.compress(parts.qpy_file(data), 9)))
        for name, data in circuits().items()
    }
    alike = json.dumps({"__type__": "set", "__value__": [(2**61 - 1) * number for number in range(10_000)]}).encode()
    error = {
        "type": "qerror", "operations": ["x"], "gate_qubits": [[0]], "probabilities": [0.02] * 50,
        "instructions": [[{"name": "x", "qubits": [0]}]] * 50,
    }  # fmt: skip
    label = json.dumps({"__type__": "ObservablesArray", "__value__": ["X"] * 300_000}).encode()
    return {
        "40 wide circuits": b"[" + b",".join([read["wide"]] * 40) + b"]",
        "definitions of definitions": read["definitions"],
        "700,000 instructions": read["instructions"],
        "five times 700,000 instructions": b"[" + b",".join([read["instructions"]] * 5) + b"]",
        "100,000 bodies": read["bodies"],
        "60 sets of members that hash alike": b"[" + b",".join([alike] * 60) + b"]",
        "errors of one qubit": json.dumps({"__type__": "NoiseModel", "__value__": {"errors": [error] * 6}}).encode(),
        "300,000 observables": label,
        "chains of objects": b"[" + b",".join([b'{"a":' * 90 + b"0" + b"}" * 90] * 11_000) + b"]",
        "empty results": b"["
        + b",".join([b'{"__type__":"DataBin","__value__":{"shape":[],"fields":{}}}'] * 130_000)
        + b"]",
    }


@pytest.mark.takes_long
@pytest.mark.holds("B316", "B317", "B319")
def test_what_is_multiplied_takes_no_more_memory_and_time_than_there_is(tried: Tally) -> None:
    texts = multiplied()
    tried(len(texts))
    reports = decode_damaged(sys.executable, "ours", 0, 0, [text.decode() for text in texts.values()])
    assert reports is not None
    for (name, text), (outcome, seconds, peak) in zip(texts.items(), reports, strict=True):
        say(f"{name}: {len(text)} bytes, {outcome} after {seconds:.2f} s, peak {peak >> 20} MiB")
        assert outcome in DOCUMENTED, name
        assert seconds <= 1.0, name


@pytest.mark.holds("B316", "B317")
@pytest.mark.skipif(not is_full(), reason="it takes half a minute")
def test_what_is_multiplied_takes_no_more_memory_however_long_it_may_take(tried: Tally) -> None:
    texts = multiplied()
    tried(len(texts))
    reports = decode_damaged(sys.executable, "ours", 0, 0, [text.decode() for text in texts.values()], seconds=3600.0)
    assert reports is not None
    for name, (outcome, seconds, peak) in zip(texts, reports, strict=True):
        say(f"{name}: {outcome} after {seconds:.2f} s with as much time as there is, peak {peak >> 20} MiB")
        assert outcome in DOCUMENTED, name
        assert seconds <= 20.0, name


@pytest.mark.holds("B316", "B319")
@pytest.mark.takes_long
def test_a_circuit_of_many_instructions_is_begun_only_where_it_ends_in_time() -> None:
    # Qiskit's reader cannot be stopped, so that what it takes must be there before it begins.
    text = multiplied()["700,000 instructions"].decode()
    assert len(text) < 120_000

    def read_in(seconds: float) -> tuple[str, float]:
        (_, _, before), (came, took, peak) = decode_damaged(sys.executable, "ours", 0, 0, ["[]", text], seconds=seconds)
        say(f"{len(text)} bytes: {came} after {took:.2f} s of {seconds:g} s, {peak - before >> 20} MiB")
        assert peak - before <= PEAK
        return came, took

    # How long it takes is the machine's.
    came, whole = read_in(3600.0)
    assert came == "value"
    assert read_in(4 * whole)[0] == "value"
    came, took = read_in(whole / 2)
    assert came == "TooSlow"
    assert took <= whole / 2 + 0.5


@needs_existing_client
@pytest.mark.skipif(not is_full(), reason="the existing client takes minutes for it")
def test_what_is_multiplied_in_the_existing_client(control: Control) -> None:
    ended, names = 0, ("40 wide circuits", "700,000 instructions", "chains of objects")
    for name in names:
        report = decode_damaged(PYTHON, "theirs", 0, 0, [multiplied()[name].decode()])
        say(f"existing client: {name}: {'the process ended' if report is None else report[0]}")
        ended += report is None
    control(f"{ended} of {len(names)} values that multiply end the process")


# Files of circuits


def file_of(*circuits: QuantumCircuit, version: int = 13) -> bytes:
    stream = io.BytesIO()
    qpy.dump(circuits, stream, version=version)
    return stream.getvalue()


def wide_file(count: int) -> bytes:
    """Return a file of many circuits, each of which is as wide as one may be."""
    one = parts.circuit(qubits=100_000, clbits=100_000, phase=(b"f", bytes(8)))
    return parts.qpy_file(one * count, programs=count)


def come_of(data: bytes) -> str:
    try:
        return f"{len(read_circuits(data, 'file.qpy'))} circuits"
    except click.ClickException as error:
        assert "file.qpy cannot be read" in str(error)
        return "refused"


@pytest.mark.holds("B357")
# Of the last, which Qiskit reads by itself, a program would take memory without a bound: it is cut off only.
@pytest.mark.parametrize("version", [13, 16, 17, qpy.QPY_VERSION])
def test_a_damaged_file_of_circuits_is_refused_or_read(version: int, tried: Tally) -> None:
    dice = Random(version)  # noqa: S311  # not for secrets
    whole = file_of(sized(), QuantumCircuit(2, 1), version=version)
    assert come_of(whole) == "2 circuits"
    assert {come_of(whole[:end]) for end in range(6, len(whole) - 1)} == {"refused"}
    count = size(30_000, part=60) if version <= 17 else 0
    outcomes = Counter[str]()
    for _ in range(count):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2, 5))):
            data[dice.randrange(6, len(data))] = dice.randrange(256)
        outcomes[come_of(bytes(data))] += 1
    tried(len(whole) - 7 + count)
    say(f"QPY {version}: {dict(outcomes)} of {count} damaged files, and {len(whole)} that break off")
    assert set(outcomes) <= {"refused", "0 circuits", "1 circuits", "2 circuits"}


@pytest.mark.holds("B357")
def test_a_file_of_many_circuits_is_paid_for_as_a_whole() -> None:
    seconds, outcome = cpu_seconds(partial(come_of, wide_file(400)), limit=2.0)
    assert outcome == "refused"
    assert seconds < 2.0
    assert come_of(parts.qpy_file(b"", programs=2**60)) == "refused"
    assert come_of(file_of(*[QuantumCircuit(1, 1)] * 1000)) == "1000 circuits"


# Answers


class Bombs(BaseHTTPRequestHandler):
    """A runtime that knows one job, and answers everything else with a bomb."""

    protocol_version = "HTTP/1.1"
    bomb = b""

    def do_GET(self) -> None:
        if self.path.startswith("/jobs/j?"):
            self.answer(b'{"id": "j", "status": "Completed", "program": {"id": "sampler"}, "backend": "b"}')
        else:
            self.answer(self.bomb, ("Content-Encoding", "gzip"))

    def answer(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def zipped(start: bytes, block: bytes, size: int, end: bytes) -> bytes:
    """Return what becomes `size` bytes and more when it is decompressed."""
    many = block * (2**20 // len(block))
    times = size // len(many)
    check = zlib.crc32(start)
    for part in (*[many] * times, end):
        check = zlib.crc32(part, check)
    length = len(start) + len(many) * times + len(end)
    tail = check.to_bytes(4, "little") + length.to_bytes(4, "little")
    return gzip.compress(b"")[:10] + deflated(start, many, times, end) + tail


def answers() -> dict[str, bytes]:
    return {
        "one long text": zipped(b'{"usage":"', b"x", 2**28, b'"}'),
        "many values": zipped(b"[", b"[],", 2**28, b"0]"),
        "values for as long as may be": zipped(b"[", b'{"__type__":"set","__value__":[]},', 2**22, b"0]"),
        "circuits": gzip.compress(multiplied()["40 wide circuits"]),
        "spaces": zipped(b"", b" ", 2**26, b"{}"),
    }


DEADLINE = 2.0


def ask(client: str, call: str, bomb: bytes) -> dict[str, Any]:
    """Have a process of its own ask for an answer of that kind, and return what came of it."""
    cloud = EmulatedTransport(one_instance())
    handler = type("Armed", (Bombs,), {"bomb": bomb})
    with door_to(cloud) as door, ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        crn = next(iter(cloud.world.instances))
        runtime = f"http://127.0.0.1:{server.server_port}"
        question = {"key": API_KEY, "crn": crn, "token": door.base, "runtime": runtime}
        done = subprocess.run(
            [sys.executable if client == "ours" else PYTHON, str(ANSWERS), client],
            input=json.dumps(question | {"call": call, "seconds": DEADLINE}),
            capture_output=True,
            text=True,
            check=False,
        )
        server.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.takes_long
@pytest.mark.holds("B318", "B319", "B320")
def test_an_answer_takes_no_more_memory_and_time_than_its_call_may(tried: Tally) -> None:
    asked = few(product(answers().items(), ("usage", "result")), 3)
    tried(len(asked))
    for (what, bomb), call in asked:
        reports: list[dict[str, Any]] = []
        # A machine that others use may hold a process up.
        while len(reports) < 3 and (not reports or reports[-1]["seconds"] > DEADLINE + 0.5):
            reports.append(ask("ours", call, bomb))
        best = min(reports, key=lambda report: report["seconds"])
        say(
            f"{call}: {what}: {len(bomb)} bytes, {best['seconds']:.2f} s, {best['memory'] >> 20} MiB: {best['outcome']}"
        )
        assert best["seconds"] <= DEADLINE + 0.5, what
        assert best["memory"] <= PEAK, what
        assert best["outcome"].startswith(("returned", "IBMApiError", "IBMRuntimeError", "IBMTimeoutError")), what


@needs_existing_client
def test_answers_to_the_existing_client_for_comparison(control: Control) -> None:
    report = ask("theirs", "usage", zipped(b'{"usage":"', b"x", 2**28, b'"}'))
    say(f"existing client: one long text of 2^28 bytes: {report['seconds']:.1f} s, {report['memory'] >> 20} MiB")
    control(f"an answer of 260 KB takes {report['memory'] >> 20:,} MiB")
