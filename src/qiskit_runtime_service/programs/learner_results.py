"""Results of the programs `noise-learner` and `calibrate` as the service writes them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from ..bridge.learned_noise import NoiseLearnerV3Result
from .learner_bodies import CALIBRATOR_SCHEMA
from .tensors import encode_plain_tensor


def encode_learner_result(learned: Iterable[NoiseLearnerV3Result], schema: str) -> bytes:
    """Return the noise of boxes as JSON text, in a version of the schema.

    Source: behaviour B397.
    """
    return msgspec.json.encode({"schema_version": schema, "data": [_noise(result) for result in learned]})


def encode_calibrator_result(start: float, stop: float) -> bytes:
    """Return when a device was calibrated (seconds since the epoch), as JSON text.

    Source: behaviour B398.
    """
    body = {"schema_version": CALIBRATOR_SCHEMA, "start": _instant(start), "stop": _instant(stop)}
    return msgspec.json.encode(body)


def _instant(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _noise(result: NoiseLearnerV3Result) -> dict[str, object]:
    return {
        "generators_sparse": [generator.to_sparse_list() for generator in result.generators],
        "num_qubits": result.num_qubits,
        "rates": encode_plain_tensor(result.rates),
        "rates_std": encode_plain_tensor(result.rates_std),
        "metadata": result.metadata,
    }
