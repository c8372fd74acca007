"""From the bytes of an executor's result to arrays: ours, the models of the schema, and IBM's client; time and memory.

    python benchmarks/bench_executor_result.py [--existing PYTHON]

The floor is base64, zlib and NumPy alone, with nothing read around them. Memory is the most that a process of its own
holds during the call, beyond what it held before, the body included there.
PYTHON is an interpreter that has `qiskit-ibm-runtime`; it also comes from `EXISTING_PYTHON`.
"""

import sys
import tempfile
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
from pybase64 import b64decode

from bench_decode import megabytes, run
from measure import milliseconds, print_table, race, ratio, read_existing
from qiskit_runtime_service.programs.reading import decode_program_result
from qiskit_runtime_service.programs.result_bodies import encode_result
from qiskit_runtime_service.results import QuantumProgramResult

BITS = 156
SHAPES = {"1,000,000 shots of 156 bits": (1, 1_000_000), "1,000 items of 1,000 shots": (1_000, 1_000)}
REPEATS = 7

OURS = """
from qiskit_runtime_service.programs.reading import decode_program_result

measure(lambda body: decode_program_result(body).unwrap())
"""
SCHEMA = """
from ibm_quantum_schemas.executor.version_2_0 import QuantumProgramResultModel

def decode(body):
    found = QuantumProgramResultModel.model_validate_json(body)
    return [{name: tensor.to_numpy() for name, tensor in item.results.items()} for item in found.data]

measure(decode)
"""
EXISTING = """
from qiskit_ibm_runtime.decoders.defaults import ExecutorResultDecoder

measure(lambda body: ExecutorResultDecoder.decode(body.decode()))
"""


def make_body(items: int, shots: int) -> bytes:
    """Return the result of a program whose items measured at random: nothing of it can be compressed."""
    dice = np.random.default_rng(5)
    results = [{"c": dice.integers(0, 2, (shots, BITS), dtype=np.uint8).view(np.bool_)} for _ in range(items)]
    return encode_result(QuantumProgramResult(results), "v2.0")


def load_alone(texts: list[str]) -> list[Any]:
    """Do the unavoidable work: text to bytes to bits."""
    return [
        np.unpackbits(np.frombuffer(zlib.decompress(b64decode(text, validate=True)), np.uint8), bitorder="little")
        for text in texts
    ]


def compare(existing: str | None, title: str, items: int, shots: int) -> None:
    """Print one table."""
    body = make_body(items, shots)
    held = items * shots * BITS
    packed = np.packbits(np.zeros(shots * BITS, np.uint8))
    dice = np.random.default_rng(5)
    texts = [b64encode(zlib.compress(dice.bytes(len(packed)))).decode() for _ in range(items)]
    floor, ours = race([lambda: load_alone(texts), lambda: decode_program_result(body)], REPEATS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").write_bytes(make_body(1, 10))
        (folder / "large").write_bytes(body)
        _, our_most = run(sys.executable, OURS, folder)
        model, model_most = run(sys.executable, SCHEMA, folder)
        rows = [
            ("", "CPU", "of the floor", "memory", "of the arrays"),
            ("base64, zlib, NumPy alone", milliseconds(floor), "", "", ""),
            ("ours", milliseconds(ours), ratio(ours, floor), megabytes(our_most), ratio(our_most, held)),
            (
                *("the models of the schema", milliseconds(model), ratio(model, floor)),
                *(megabytes(model_most), ratio(model_most, held)),
            ),
        ]
        if existing is not None:
            theirs, their_most = run(existing, EXISTING, folder)
            shown = (milliseconds(theirs), ratio(theirs, floor), megabytes(their_most), ratio(their_most, held))
            rows += [
                ("IBM's client", *shown),
                ("theirs / ours", ratio(theirs, ours), "", ratio(their_most, our_most), ""),
            ]
    print_table(f"{title}: {megabytes(len(body))} of text, {megabytes(held)} of arrays", rows)


def main() -> None:
    """Print both tables."""
    existing = read_existing(__doc__)
    for title, (items, shots) in SHAPES.items():
        compare(existing, title, items, shots)


if __name__ == "__main__":
    main()
