from pytket import Circuit
from pytket.extensions.qiskit import IBMQBackend

backend = IBMQBackend("ibm_emu5")
bell = backend.get_compiled_circuit(Circuit(2).H(0).CX(0, 1).measure_all())
print(backend.run_circuit(bell, n_shots=100).get_counts())
