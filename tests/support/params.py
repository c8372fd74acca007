"""Parameters of jobs, as the primitives send them."""

from collections.abc import Iterable, Mapping

from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from qiskit_runtime_service.bridge.circuits import encode_params, encode_sampler_pub
from qiskit_runtime_service.bridge.observables import encode_estimator_pub


def sampler_params(pubs: Iterable[SamplerPub], options: Mapping[str, object], **more: object) -> bytes:
    return encode_params([*map(encode_sampler_pub, pubs)], options, **more)


def estimator_params(pubs: Iterable[EstimatorPub], options: Mapping[str, object], **more: object) -> bytes:
    """Return the parameters; what is `None` in `more` is not sent."""
    given = {name: value for name, value in more.items() if value is not None}
    return encode_params([*map(encode_estimator_pub, pubs)], options, **given)
