import pennylane as qml
from qiskit_ibm_runtime import QiskitRuntimeService

backend = QiskitRuntimeService().backend("ibm_emu5")


@qml.qnode(qml.device("qiskit.remote", wires=2, backend=backend, shots=100))
def bell():
    qml.Hadamard(0)
    qml.CNOT([0, 1])
    return qml.counts()


print(bell())
