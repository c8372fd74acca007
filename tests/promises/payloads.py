"""Decode damaged payloads and count what comes of it: a script that runs with our client or with IBM's.

    python tests/promises/payloads.py ours|executor|noise-learner|calibrate|theirs SEED COUNT [SECONDS] < corpus.json

`ours` reads typed JSON, a name of a program its results and parameters as jobs of that program do.

The corpus is a list of texts. Answers with counts, the longest time and the most memory, as JSON. With a COUNT of 0 the
texts are decoded as they stand, and the answer has a list of outcome, seconds and memory for each. Our decoder is given
SECONDS for each, half a second by default.
"""

import base64
import binascii
import gc
import json
import random
import re
import resource
import sys
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

MEMORY = 512 << 20
"""Bytes that the process may hold beyond what the interpreter and Qiskit have mapped before the first payload."""
DEADLINE = 0.5
"""CPU seconds that our decoder is given."""
SLOW = DEADLINE + 0.5
"""CPU seconds that no payload may take."""
LARGEST = 1 << 18
"""Bytes that a payload grows to, on rare occasions."""
LARGEST_PACKED = 1 << 22
"""The same of what is compressed in it."""
PACKED = re.compile(rb'"([A-Za-z0-9+/=]{16,})"')
ODD_BYTES = (0, 1, 0x7F, 0x80, 0xFF)
ODD_NUMBERS = (0, 1, 255, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**30, 1e308, float("nan"), "", "0", "\0", "é" * 50, "I" * 5000, [], {},
    [[]], [[], [1]], {"": 0}, {"__type__": None}, {"__value__": 1}, [0] * 1000, {"1": 1, "__int_keys__": True},
)  # fmt: skip
ODD_TEXTS = [json.dumps(value) for value in ODD_VALUES]
TAGS = (
    "datetime", "complex", "ndarray", "set", "QuantumCircuit", "Parameter", "Instruction", "settings", "_json",
    "Result", "spmatrix", "ObservablesArray", "BindingsArray", "BitArray", "DataBin", "EstimatorPubResult",
    "SamplerPubResult", "PubResult", "PrimitiveResult", "NoiseLearnerResult", "DoubleSliceSpan",
    "TwirledSliceSpanV2", "TwirledSliceSpan", "ExecutionSpan", "ExecutionSpanCollection", "ExecutionSpans",
    "PauliLindbladMap", "to_json", "NoiseModel",
)  # fmt: skip

INPUTS = {"executor": b'"quantum_program"', "noise-learner": b'"instructions"', "calibrate": b'"options"'}
"""What stands in the parameters of a program, and in none of its results."""


class Vandal:
    """Damages texts. The same seed does the same damage."""

    def __init__(self, seed: int, corpus: list[str]) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - damage is no secret
        self.corpus = [text.encode() for text in corpus]

    def damaged(self) -> bytes:
        """Return one text of the corpus, damaged or multiplied in one of eight ways."""
        text = self.dice.choice(self.corpus)
        # Most of what is changed in the text itself is no JSON any more, and that is soon said.
        ways = {
            self.bytes_changed: 4,
            self.packed_changed: 16,
            self.tree_changed: 16,
            self.spliced: 4,
            self.repeated: 2,
            self.concatenated: 2,
            self.nested: 2,
            self.packed_repeated: 2,
        }
        (how,) = self.dice.choices(list(ways), weights=list(ways.values()))
        return how(text)

    def times(self, size: int, largest: int) -> int:
        """Return how often something of that size is repeated: seldom as often as is allowed, mostly a few times."""
        return max(2, int((largest / max(size, 1)) ** self.dice.random()))

    def repeated(self, text: bytes) -> bytes:
        """Repeat a whole value, which is right by itself, as the items of a list or as the values of an object."""
        count = self.times(len(text), LARGEST)
        if self.dice.random() < 0.5:
            return b"[" + b",".join([text] * count) + b"]"
        return b"{" + b",".join(b'"%d":%b' % (number, text) for number in range(count)) + b"}"

    def concatenated(self, text: bytes) -> bytes:
        """Put many values that are right by themselves into one list, now and then as that of a tag."""
        count = self.times(sum(map(len, self.corpus)) // len(self.corpus), LARGEST)
        whole = b"[" + b",".join([text, *self.dice.choices(self.corpus, k=count)]) + b"]"
        tag = self.dice.choice(TAGS)
        return b'{"__type__":"%b","__value__":%b}' % (tag.encode(), whole) if self.dice.random() < 0.3 else whole

    def nested(self, text: bytes) -> bytes:
        """Repeat a part of a value in its place: each level that is chosen becomes a list of copies of itself."""
        tree, rounds = json.loads(text), self.dice.randint(1, 3)
        # All rounds together make no more than is allowed: this process has little memory too.
        most = max(2, int((8 * LARGEST / len(text)) ** (1 / rounds)))
        for _ in range(rounds):
            tree = self.multiplied(tree, len(text), most)
        return json.dumps(tree).encode()

    def multiplied(self, tree: Any, size: int, most: int) -> Any:
        if not isinstance(tree, list | dict) or not tree or self.dice.random() < 0.2:
            return [tree] * min(self.times(size, LARGEST), most)
        key = self.dice.randrange(len(tree)) if isinstance(tree, list) else self.dice.choice(list(tree))
        if isinstance(tree, list) and self.dice.random() < 0.3:
            return tree[:key] + [tree[key]] * min(self.times(size, LARGEST), most) + tree[key:]
        tree[key] = self.multiplied(tree[key], size, most)
        return tree

    def packed_repeated(self, text: bytes) -> bytes:
        """Repeat a part of what is compressed, so that a short text becomes long data; counts in it may grow too."""

        def longer(data: bytes) -> bytes:
            start, end = sorted(self.dice.choices(range(len(data) + 1), k=2))
            part = data[start:end]
            grown = bytearray(data[:end] + part * self.times(len(part), LARGEST_PACKED) + data[end:])
            for _ in range(self.dice.randint(0, 2)):
                place = self.dice.randrange(len(grown))
                grown[place : place + 4] = self.dice.choice((1000, 100_000, 2**31)).to_bytes(4, "big")
            return bytes(grown)

        return self.repacked(text, longer)

    def bytes_changed(self, text: bytes) -> bytes:
        """Change, repeat, insert or cut bytes anywhere."""
        data = bytearray(text)
        for _ in range(self.dice.randint(1, 4)):
            start = self.dice.randrange(len(data) + 1)
            match self.dice.randrange(6):
                case 0:
                    data[start : start + 1] = bytes([self.dice.choice(ODD_BYTES)])
                case 1:
                    data[start : start + 1] = self.dice.randbytes(1)
                case 2:
                    width = self.dice.choice((2, 4, 8))
                    number = self.dice.choice(ODD_NUMBERS) % (1 << 8 * width)
                    data[start : start + width] = number.to_bytes(width, self.dice.choice(("big", "little")))
                case 3:
                    del data[start : start + self.dice.randint(1, 20)]
                case 4:
                    data[start:start] = data[start : start + 30] * self.dice.choice((1, 2, 100))
                case _:
                    del data[start + 1 :]
        return bytes(data)

    def packed_changed(self, text: bytes) -> bytes:
        """Change bytes below base64 and compression, where a checksum does not see them."""
        return self.repacked(text, self.bytes_changed)

    def repacked(self, text: bytes, change: Callable[[bytes], bytes]) -> bytes:
        """Change what is below base64 and compression somewhere in a text."""
        found = list(PACKED.finditer(text))
        if not found:
            return self.bytes_changed(text)
        where = self.dice.choice(found)
        try:
            packed = base64.b64decode(where[1], validate=True)
        except binascii.Error:
            return self.bytes_changed(text)
        try:
            inner = zlib.compress(change(zlib.decompress(packed)), 1)
        except zlib.error:
            inner = self.bytes_changed(packed)
        return text[: where.start(1)] + base64.b64encode(inner) + text[where.end(1) :]

    def tree_changed(self, text: bytes) -> bytes:
        """Put something else in some places of the JSON."""
        tree = json.loads(text)
        for _ in range(self.dice.randint(1, 3)):
            tree = self.replaced(tree)
        return json.dumps(tree).encode()

    def replaced(self, tree: Any) -> Any:
        """Return the tree with something else somewhere along one random way down."""
        if isinstance(tree, str) and tree[:1] in ("{", "[") and self.dice.random() < 0.9:
            # A text of JSON in a text of JSON.
            try:
                return json.dumps(self.replaced(json.loads(tree)))
            except ValueError:
                return self.something(tree)
        if not isinstance(tree, list | dict) or not tree or self.dice.random() < 0.15:
            return self.something(tree)
        key = self.dice.randrange(len(tree)) if isinstance(tree, list) else self.dice.choice(list(tree))
        if key == "__type__":
            tree[key] = self.dice.choice(TAGS)
        elif isinstance(tree, dict) and self.dice.random() < 0.05:
            tree[self.dice.choice(("__type__", "shape", "data", "fields", "x"))] = tree.pop(key)
        else:
            tree[key] = self.replaced(tree[key])
        return tree

    def something(self, tree: Any) -> Any:
        match self.dice.randrange(5):
            case 0:
                return json.loads(self.dice.choice(self.corpus))
            case 1:
                return {"__type__": self.dice.choice(TAGS), "__value__": tree}
            case 2:
                return [tree] * self.dice.choice((1, 2, 10))
            case _:
                # A copy, for it may be damaged in turn.
                return json.loads(self.dice.choice(ODD_TEXTS))

    def spliced(self, text: bytes) -> bytes:
        """Join the beginning of one text and the end of another, or nest one many times."""
        if self.dice.random() < 0.3:
            depth = self.dice.choice((1, 10, 99, 500, 5000))
            return b"[" * depth + text + b"]" * depth
        other = self.dice.choice(self.corpus)
        return text[: self.dice.randrange(len(text) + 1)] + other[self.dice.randrange(len(other) + 1) :]


def decoder_of(client: str, seconds: float) -> Callable[[bytes], str]:
    """Return a function that decodes a payload and says how it went."""
    if client == "theirs":
        decoder = import_module("qiskit_ibm_runtime").RuntimeDecoder

        def decode_theirs(body: bytes) -> str:
            json.loads(body, cls=decoder)
            return "value"

        return decode_theirs
    if client in INPUTS:
        shell = import_module("qiskit_runtime_service.shell.program_jobs")
        read_result = partial(shell.read_program_result, client)
        read_inputs = partial(shell.read_program_inputs, client)
    else:
        read_result = read_inputs = import_module("qiskit_runtime_service.bridge.results").decode_result

    def decode_ours(body: bytes) -> str:
        until = time.process_time() + seconds
        read = read_inputs if INPUTS.get(client, b"\0") in body else read_result
        result = read(body, time_left=lambda: until - time.process_time())
        return "value" if type(result).__name__ == "Success" else type(result.failure()).__name__

    return decode_ours


def memory(kind: str) -> int:
    """Return what Linux says of the memory of this process, in bytes; unlike `ru_maxrss`, not that of the parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) << 10


def timed(decode: Callable[[bytes], str], body: bytes) -> tuple[str, float]:
    """Return how the decoding of a payload went and its seconds of CPU, best of at most three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        try:
            outcome = decode(body)
        except Exception as error:  # noqa: BLE001 - each kind is counted, and judged by the test
            outcome = f"raised {type(error).__name__}"
        best = min(best, time.process_time() - started)
        if best <= SLOW:
            break
        gc.collect()
    return outcome, best


def main(client: str, seed: str, count: str, allowed: str = str(DEADLINE)) -> None:
    """Decode that many payloads and print what came of it."""
    warnings.simplefilter("ignore")
    corpus: list[str] = json.load(sys.stdin)
    decode = decoder_of(client, float(allowed))
    for text in corpus if int(count) else ():
        decode(text.encode())
    before = memory("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (memory("VmSize") + MEMORY, resource.RLIM_INFINITY))
    if int(count) == 0:
        sys.stdout.write(json.dumps([[*timed(decode, text.encode()), memory("VmHWM")] for text in corpus]))
        return
    vandal = Vandal(int(seed), corpus)
    outcomes: Counter[str] = Counter()
    slowest, slow = 0.0, 0
    samples: dict[str, str] = {}
    for _ in range(int(count)):
        body = vandal.damaged()
        outcome, seconds = timed(decode, body)
        outcomes[outcome] += 1
        if outcome.startswith("raised"):
            samples.setdefault(outcome, body[:2000].decode("latin-1"))
        if seconds > SLOW:
            slow += 1
            samples.setdefault("slow", body[:2000].decode("latin-1"))
        slowest = max(slowest, seconds)
    counts = {
        "outcomes": outcomes,
        "slow": slow,
        "slowest": slowest,
        "peak": memory("VmHWM"),
        "before": before,
        "samples": samples,
    }
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
