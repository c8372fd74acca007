"""The door to the results of the noise learner, where IBM's older documents look for them."""

from qiskit_runtime_service.bridge.result_types import LayerError, NoiseLearnerResult, PauliLindbladError

__all__ = ["LayerError", "NoiseLearnerResult", "PauliLindbladError"]
