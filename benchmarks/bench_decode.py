"""From the bytes of a result to arrays: ours, the floor, and IBM's client; time and memory.

    python benchmarks/bench_decode.py [--existing PYTHON]

The floor is base64, zlib and NumPy alone, one array after the other, with nothing read around them. Memory is the
most that a process of its own holds during the call, beyond what it held before, the body included there.
PYTHON is an interpreter that has `qiskit-ibm-runtime`; it also comes from `EXISTING_PYTHON`.
"""

import base64
import io
import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from qiskit.primitives.containers import BitArray, DataBin, PrimitiveResult, SamplerPubResult

from measure import milliseconds, print_table, race, ratio, read_existing
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import encode_value

BITS = 156
SHAPES = {"156 bits x 1,000,000 shots": (1, 1_000_000), "1,000 PUBs x 1,000 shots": (1_000, 1_000)}
REPEATS = 7
ERRORS = 0.03
"""How often a bit of the entangled state is read wrong."""

MEASURE = """
import json, statistics, sys, time

def held(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) * 1024

def read(path):
    with open(path, "rb") as file:
        return file.read()

def measure(decode):
    decode(read(small))
    body = read(large)
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = held("VmRSS")
    kept = decode(body)
    most = held("VmHWM") - before
    del kept
    times = []
    for _ in range(int(repeats)):
        started = time.process_time()
        decode(body)
        times.append(time.process_time() - started)
    print(json.dumps([statistics.median(times), most]))

small, large, repeats = sys.argv[1:]
"""

OURS = """
from qiskit_runtime_service.bridge.results import decode_result
from qiskit_runtime_service.bridge.typed_json import encode_value

measure(lambda body: decode_result(body).unwrap())
"""

EXISTING = """
from qiskit_ibm_runtime import RuntimeDecoder

measure(lambda body: json.loads(body, cls=RuntimeDecoder))
"""


def make_body(pubs: int, shots: int) -> bytes:
    """Return the result of a sampler whose PUBs measured an entangled state with errors."""
    dice = np.random.default_rng(5)

    def pub() -> SamplerPubResult:
        bits = (dice.random((shots, 1)) < 0.5) ^ (dice.random((shots, BITS)) < ERRORS)
        return SamplerPubResult(DataBin(meas=BitArray.from_bool_array(bits)), {"circuit_metadata": {}})

    return encode_value(PrimitiveResult([pub() for _ in range(pubs)], {"version": 2}))


def load_alone(texts: list[bytes]) -> list[Any]:
    """Do the unavoidable work: text to bytes to array."""
    return [np.load(io.BytesIO(zlib.decompress(base64.b64decode(text)))) for text in texts]


def run(python: str, code: str, folder: Path) -> tuple[float, int]:
    """Return CPU seconds and bytes of the calls that `code` makes in a process of its own."""
    command = [python, "-W", "ignore", "-c", MEASURE + code, folder / "small", folder / "large", str(REPEATS)]
    seconds, most = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return seconds, most


def compare(existing: str | None, title: str, pubs: int, shots: int) -> None:
    """Print one table."""
    body = make_body(pubs, shots)
    texts = re.findall(rb'"__value__": "([A-Za-z0-9+/=]+)"', body)
    held = sum(array.nbytes for array in load_alone(texts))
    floor, ours = race([lambda: load_alone(texts), lambda: decode_result(body)], REPEATS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").write_bytes(make_body(1, 10))
        (folder / "large").write_bytes(body)
        _, our_most = run(sys.executable, OURS, folder)
        rows = [
            ("", "CPU", "of the floor", "memory", "of the arrays"),
            ("base64, zlib, NumPy alone", milliseconds(floor), "", "", ""),
            ("ours", milliseconds(ours), ratio(ours, floor), megabytes(our_most), ratio(our_most, held)),
        ]
        if existing is not None:
            theirs, their_most = run(existing, EXISTING, folder)
            shown = (milliseconds(theirs), ratio(theirs, floor), megabytes(their_most), ratio(their_most, held))
            rows += [
                ("IBM's client", *shown),
                ("theirs / ours", ratio(theirs, ours), "", ratio(their_most, our_most), ""),
            ]
    print_table(f"{title}: {megabytes(len(body))} of text, {megabytes(held)} of arrays", rows)


def megabytes(size: float) -> str:
    """Show a size in megabytes."""
    return f"{size / 1e6:.0f} MB"


def main() -> None:
    """Print both tables."""
    existing = read_existing(__doc__)
    for title, (pubs, shots) in SHAPES.items():
        compare(existing, title, pubs, shots)


if __name__ == "__main__":
    main()
