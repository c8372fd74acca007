import mthree
from qiskit import QuantumCircuit, transpile
from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2

backend = QiskitRuntimeService().backend("ibm_emu5")
bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
bell = transpile(bell, backend)
measured = mthree.utils.final_measurement_mapping(bell)

mitigation = mthree.M3Mitigation(backend)
mitigation.cals_from_system(measured)
counts = SamplerV2(backend).run([bell], shots=1000).result()[0].data.meas.get_counts()
print(mitigation.apply_correction(counts, measured))
