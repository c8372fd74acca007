"""A program that uses IBM's client, and knows nothing of an emulated cloud. Runs in the environment of that client."""

import json
from importlib.metadata import version

from qiskit import QuantumCircuit
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import EstimatorV2, QiskitRuntimeService, SamplerV2, Session

service = QiskitRuntimeService()
backend = service.least_busy(min_num_qubits=2)
compiler = generate_preset_pass_manager(1, backend=backend, seed_transpiler=1)

bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
state = compiler.run(bell)
measured = compiler.run(bell.measure_all(inplace=False))

with Session(backend=backend) as session:
    sampled = SamplerV2(mode=session).run([measured], shots=64)
    estimated = EstimatorV2(mode=session).run([(state, SparsePauliOp("ZZ").apply_layout(state.layout))])
    counts = sampled.result()[0].data.meas.get_counts()
    value = float(estimated.result()[0].data.evs)

assert sum(counts.values()) == 64
assert value > 0.8
assert [job.job_id() for job in service.jobs(limit=2)] == [estimated.job_id(), sampled.job_id()]
assert service.job(sampled.job_id()).status() == "DONE"
print(json.dumps({"version": version("qiskit-ibm-runtime")}))
