"""How wide IBM's client finds a device by its configuration. Runs in the environment of that client, not in ours."""

import json
import sys

from qiskit_ibm_runtime.utils.backend_decoder import configuration_from_server_data

found = configuration_from_server_data(json.load(sys.stdin))
print(json.dumps(found and found.n_qubits))
