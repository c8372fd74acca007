"""Promise 13: whatever bytes arrive, decoding ends soon, within bounds, with a value or a documented problem."""

import base64
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.circuit.library import RYGate, UnitaryGate, XGate

from qiskit_runtime_service.bridge import execution_spans, result_types
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import encode_value
from qiskit_runtime_service.records.problem import TooLarge, UnreadableValue

from ..support.existing import PYTHON, needs_existing_client
from ..support.seconds import cpu_seconds
from .savers import say
from .sizes import is_full, size

HERE = Path(__file__).parent
SCRIPT = HERE / "payloads.py"
# The script has to run where none of our packages is, so it is loaded as it stands.
VALUES: dict[str, Any] = runpy.run_path(str(HERE.parent / "compat" / "values.py"))
DOCUMENTED = {"value", "UnreadableValue", "TooLarge", "TooNew"}
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


def decode_damaged(python: str, client: str, seed: int, count: int) -> Any:
    """Run the script and return its counts; `None` where decoding has ended the process."""
    done = subprocess.run(
        [python, "-W", "ignore", str(SCRIPT), client, str(seed), str(count)],
        input=json.dumps(corpus()),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
    )
    assert done.returncode in {0, -signal.SIGABRT}, done.stderr[-2000:]
    return json.loads(done.stdout) if done.returncode == 0 else None


def test_damaged_payloads_give_a_value_or_a_documented_problem() -> None:
    total, seeds = size(10**6, part=50), range(2 if is_full() else 1)
    with ThreadPoolExecutor(len(seeds)) as pool:
        counts = list(pool.map(lambda seed: decode_damaged(sys.executable, "ours", seed, total // len(seeds)), seeds))
    assert None not in counts
    for report in counts:
        say(f"ours: {report['outcomes']}, slowest {report['slowest']:.3f} s, peak {report['peak'] >> 20} MiB")
    assert [report["samples"] for report in counts] == [{}] * len(seeds)
    for report in counts:
        assert set(report["outcomes"]) <= DOCUMENTED
        assert report["slow"] == 0
        assert report["peak"] <= PEAK


@needs_existing_client
def test_the_existing_client_for_comparison() -> None:
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
    stream, block = zlib.compressobj(9), bytes(1 << 20)
    pieces = [stream.compress(start), *(stream.compress(block) for _ in range(zeros >> 20)), stream.flush()]
    return base64.b64encode(b"".join(pieces))


def labels(*texts: str) -> dict[str, object]:
    place = {"__module__": "qiskit.quantum_info.operators.symplectic.pauli_list", "__class__": "PauliList"}
    return {"__type__": "settings", **place, "__value__": {"data": texts}}


def test_a_bomb_is_refused_in_half_a_second() -> None:
    for name, body in bombs().items():
        seconds, refusal = cpu_seconds(partial(decode_result, body), limit=0.5)
        problem = refusal.failure()
        say(f"{name}: refused after {seconds:.3f} s: {problem}"[:160])
        assert isinstance(problem, TooLarge | UnreadableValue), name
        assert seconds < 0.5, name
