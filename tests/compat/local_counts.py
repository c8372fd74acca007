"""Sample circuits on fake devices in local mode: a script that runs with IBM's client.

python tests/compat/local_counts.py < orders.json

An order names a device and holds a circuit as QPY in base64, the number of PUBs, the shots of each and the seed.
Answers with a table of counts for each order, as JSON.
"""

import base64
import io
import json
import sys
import warnings

from qiskit import qpy
from qiskit.primitives import BitArray
from qiskit_ibm_runtime import SamplerV2
from qiskit_ibm_runtime.fake_provider import FakeProviderForBackendV2


def main() -> None:
    warnings.simplefilter("ignore")
    provider = FakeProviderForBackendV2()
    answers = []
    for order in json.load(sys.stdin):
        (circuit,) = qpy.load(io.BytesIO(base64.b64decode(order["circuit"])))
        sampler = SamplerV2(mode=provider.backend(order["device"]))
        sampler.options.simulator.seed_simulator = order["seed"]
        result = sampler.run([circuit] * order["pubs"], shots=order["shots"]).result()
        answers.append(BitArray.concatenate_shots([pub.join_data() for pub in result]).get_counts())
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
