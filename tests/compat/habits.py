"""What programs do with IBM's client beside its documented calls. Runs in the environment of that client, not in ours.

Reads `{"base", "key", "crn"}` from standard input: the URL of a door, an API key, the CRN of the instance `paid`.
Prints what it was answered, by the names that `habits_of` of the test gives it.
"""

import base64
import json
import logging
import os
import sys
import warnings
import zlib
from typing import Any

GIVEN = json.load(sys.stdin)
BASE = GIVEN["base"]
os.environ.update(IAM_URL=BASE, GLOBAL_SEARCH_URL=BASE, GLOBAL_CATALOG_URL=f"{BASE}/api/v1")

from qiskit import QuantumCircuit  # noqa: E402  # the environment is read when these are loaded
from qiskit.circuit import Parameter  # noqa: E402
from qiskit_ibm_runtime import (  # noqa: E402
    Batch,
    QiskitRuntimeService,
    RuntimeDecoder,
    RuntimeEncoder,
    SamplerV2,
    Session,
)
from qiskit_ibm_runtime.fake_provider import FakeFractionalBackend, FakeManilaV2  # noqa: E402
from qiskit_ibm_runtime.options import EstimatorOptions  # noqa: E402

logging.disable(logging.INFO)
SAID: list[str] = []
"""What was logged as a warning."""


class Listener(logging.Handler):
    """Keeps what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        SAID.append(record.getMessage())


logging.getLogger("qiskit_ibm_runtime").addHandler(Listener())


def opened(**given: Any) -> QiskitRuntimeService:
    return QiskitRuntimeService(token=GIVEN["key"], url_resolver=lambda *_: f"{BASE}/api/v1", **given)


def outcome(do: Any) -> Any:
    """Return what something returns, or the name of what it raises."""
    try:
        return do()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the outcome
        return type(error).__name__


def warned(do: Any) -> list[str]:
    """Return the categories of the warnings that something gives, but for those of the classes themselves."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome(do)
    return [one.category.__name__ for one in caught if "class is deprecated" not in str(one.message)]


def sessions_of(backend: Any, other: Any, elsewhere: Any) -> dict[str, Any]:
    fake = FakeManilaV2()
    told: dict[str, Any] = {}
    with Session(backend) as session:
        told["no mode"] = SamplerV2().mode is session
        SAID.clear()
        told["the backend"] = SamplerV2(mode=backend).mode is session
        told["says so"] = len([words for words in SAID if "will run inside this session/batch" in words])
        told["another backend"] = outcome(lambda: SamplerV2(mode=other))
        told["another instance"] = outcome(lambda: SamplerV2(mode=elsewhere))
        told["a fake"] = SamplerV2(mode=fake).mode is None
        with Batch(other) as batch:
            told["inside"] = SamplerV2().mode is batch
            told["the outer"] = SamplerV2(mode=session).mode is session
    told["afterwards"] = outcome(SamplerV2)
    with Session(fake) as session:
        told["in that of a fake"] = SamplerV2().mode is session
        told["the backend in that of a fake"] = outcome(lambda: SamplerV2(mode=backend))
    return told


def main() -> None:
    """Ask."""
    service = opened()
    backend = service.backend("ibm_d0", instance="paid")
    told: dict[str, Any] = sessions_of(
        backend, service.backend("ibm_d1", instance="paid"), service.backend("ibm_d0", instance="free")
    )
    by_name, by_crn, elsewhere = opened(instance="paid"), opened(instance=GIVEN["crn"]), opened(instance="free")
    told["names"] = [one.name for one in service.backends()]
    told["instances"] = sorted({one._instance for one in service.backends()})
    told["account"] = [one.active_account()["instance"] for one in (by_name, by_crn)]
    told["equal"] = [by_name == by_crn, by_name == elsewhere, by_name == service, service == opened()]
    told["itself"] = backend() is backend
    backend.mine = 3
    told["mine"] = backend.mine
    told["inside of it"] = [service._channel, backend._service is service, backend._instance, service._account.channel]
    shown = [service.backend("ibm_d0", instance="paid", use_fractional_gates=asked) for asked in (False, None)]
    told["fractional"] = [one.options.use_fractional_gates for one in shown]
    options = EstimatorOptions()
    options.__dict__["stray"] = 1
    options.update(default_shots=5)
    told["stray"] = options.default_shots
    learning = EstimatorOptions().resilience.measure_noise_learning

    def learn_with(shots: Any) -> None:
        learning.shots_per_randomization = shots

    told["learning"] = [warned(lambda: learn_with("auto")), warned(lambda: learn_with(20))]
    encoded = json.loads(json.dumps(QuantumCircuit(1), cls=RuntimeEncoder))
    raw = zlib.decompress(base64.standard_b64decode(encoded["__value__"]))
    encoded["__value__"] = base64.standard_b64encode(zlib.compress(raw[:6] + bytes([99]) + raw[7:])).decode()
    text = json.dumps(encoded)
    told["newer"] = warned(lambda: json.loads(text, cls=RuntimeDecoder))
    turned = QuantumCircuit(2)
    turned.rzz(Parameter("theta"), 0, 1)
    turned.measure_all()
    try:
        SamplerV2(mode=FakeFractionalBackend()).run([(turned, [3.0])])
    except Exception as error:  # noqa: BLE001  # its words are looked at
        told["angle"] = [word in str(error) for word in ("theta", "3.0")]
    print(json.dumps(told))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
