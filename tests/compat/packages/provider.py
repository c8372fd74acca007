from qbraid.runtime import QiskitRuntimeProvider
from qiskit import QuantumCircuit

device = QiskitRuntimeProvider().get_device("ibm_emu5")
bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
print(device.run(bell, shots=100).result().data.get_counts())
