from qiskit_experiments.library import T1
from qiskit_ibm_runtime import QiskitRuntimeService

backend = QiskitRuntimeService().backend("ibm_emu5")
data = T1((0,), delays=[1e-6, 5e-5, 1e-4, 2e-4, 4e-4], backend=backend).run().block_for_results()
print(data.analysis_results("T1", dataframe=False).value)
