"""The encoder and the decoder of typed JSON as users hold them."""

import json
from typing import Any, cast

import numpy as np
import pytest
from qiskit import QuantumCircuit
from returns.result import Result, Success

from qiskit_runtime_service import DecodeLimits, IBMApiError, QiskitRuntimeService, RuntimeDecoder, RuntimeEncoder
from qiskit_runtime_service.exceptions import IBMRuntimeError, IBMTimeoutError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.shell.decoder import ResultDecoder
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport

from .clouds import open_service, submit_bell


def test_what_is_written_with_the_encoder_is_read_with_the_decoder() -> None:
    value = {"circuit": QuantumCircuit(2), "values": np.eye(2), "z": [1j, None]}
    back = json.loads(json.dumps(value, cls=RuntimeEncoder), cls=RuntimeDecoder)
    assert (back["circuit"], back["values"].tolist(), back["z"]) == (QuantumCircuit(2), [[1, 0], [0, 1]], [1j, None])


def test_text_that_is_not_json_fails_as_json_does() -> None:
    for text in ("[1", "", "[1] 2"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text, cls=RuntimeDecoder)


def test_options_of_the_decoder_of_json_work() -> None:
    assert json.loads("[0.5]", cls=RuntimeDecoder, parse_float=str) == ["0.5"]


def test_damaged_values_fail_as_the_service_would() -> None:
    with pytest.raises(IBMApiError, match="'ndarray' cannot be decoded"):
        json.loads('{"__type__": "ndarray", "__value__": "!"}', cls=RuntimeDecoder)
    with pytest.raises(IBMApiError, match="depth"):
        json.loads("[" * 200_000 + "]" * 200_000, cls=RuntimeDecoder)


@pytest.mark.holds("B321")
def test_the_limits_can_be_raised_and_the_message_says_how() -> None:
    text = json.dumps(np.zeros(1000), cls=RuntimeEncoder)
    with pytest.raises(IBMApiError, match="8000, more than the limit of 100") as caught:
        json.loads(text, cls=RuntimeDecoder, limits=DecodeLimits(output_bytes=100))
    assert "job.result(decoder=RuntimeDecoder(limits=DecodeLimits(output_bytes=2**13)))" in str(caught.value)
    assert json.loads(text, cls=RuntimeDecoder, limits=DecodeLimits(output_bytes=8000)).shape == (1000,)


def test_a_job_takes_a_decoder_with_other_limits() -> None:
    service, _ = open_service()
    job = submit_bell(service)
    with pytest.raises(IBMApiError, match="more than the limit of 10"):
        job.result(decoder=RuntimeDecoder(limits=DecodeLimits(output_bytes=10)))
    assert job.result(decoder=RuntimeDecoder(limits=DecodeLimits(output_bytes=10**9)))[0].data.meas.num_shots == 64
    assert job.result()[0].data.meas.num_shots == 64


class Dawdling:
    """A carrier to a cloud whose results are long and arrive just before the end of a call."""

    def __init__(self, cloud: EmulatedTransport, seconds: float) -> None:
        self.cloud = cloud
        self.seconds = seconds
        self.fetched = 0

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not request.url.endswith("/results"):
            return self.cloud.send(request)
        self.fetched += 1
        self.cloud.sleep(self.seconds)
        return Success(Response(status=200, body=json.dumps([1] * 5000).encode()))

    def close(self) -> None:
        self.cloud.close()


@pytest.mark.holds("B319")
def test_a_result_is_decoded_in_the_time_that_is_left_of_its_call() -> None:
    _, cloud = open_service()
    for seconds, in_time in ((899.0, True), (899.999, False)):
        way = Dawdling(cloud, seconds)
        job = submit_bell(QiskitRuntimeService(token=API_KEY, transport=way, clock=cloud))
        if in_time:
            assert cast("object", job.result()) == [1] * 5000
            continue
        with pytest.raises(IBMTimeoutError, match="not decoded in the time that the call may take") as caught:
            job.result()
        assert isinstance(caught.value, IBMRuntimeError)
        assert "timeout=" in str(caught.value)
        # The bytes are kept, and the next call has all of its time for them.
        assert json.loads(job.raw_result()) == cast("object", job.result()) == [1] * 5000
        assert way.fetched == 1


@pytest.mark.holds("B488")
def test_a_circuit_of_a_newer_qiskit_warns_and_says_which_is_needed() -> None:
    text = "eJwL9Az29gzxZkAFACh8AiE="
    newer = pytest.warns(UserWarning, match="A circuit is in QPY 75, of a newer Qiskit than is installed")
    with newer, pytest.raises(IBMApiError, match="QPY 75; up to QPY 17") as caught:
        json.loads(json.dumps({"__type__": "QuantumCircuit", "__value__": text}), cls=RuntimeDecoder)
    assert "QPY_VERSION is at least 75" in str(caught.value)


@pytest.mark.holds("B438")
def test_one_object_is_built_by_the_hook() -> None:
    decoder = RuntimeDecoder()
    assert decoder.object_hook({"__type__": "complex", "__value__": [1, 2]}) == 1 + 2j
    assert decoder.object_hook({"a": 1}) == {"a": 1}
    text = '{"a": {"__type__": "set", "__value__": [{"__type__": "complex", "__value__": [1, 2]}]}}'
    assert json.loads(text, object_hook=decoder.object_hook) == {"a": {1 + 2j}}
    assert json.loads(text, cls=RuntimeDecoder) == {"a": {1 + 2j}}


@pytest.mark.holds("B438")
def test_the_hook_keeps_the_limits() -> None:
    text = json.dumps(np.zeros(10_000), cls=RuntimeEncoder)
    hook = RuntimeDecoder(limits=DecodeLimits(output_bytes=1_000)).object_hook
    with pytest.raises(IBMApiError, match="output_bytes"):
        json.loads(text, object_hook=hook)


class Upper(ResultDecoder):
    @classmethod
    def is_applicable(cls, data: Any) -> bool:
        return isinstance(data, str)

    @classmethod
    def decode(cls, data: Any) -> Any:
        return data.upper()


class Never(Upper):
    @classmethod
    def is_applicable(cls, data: Any) -> bool:
        return data is None


@pytest.mark.holds("B427")
def test_a_decoder_that_is_not_applicable_is_passed_over() -> None:
    service, _ = open_service()
    job = submit_bell(service)
    text = job.raw_result().decode()
    assert job.result(decoder=Upper) == job.result(decoder=[Never, Upper]) == text.upper()
    assert job.result(decoder=Never) == text
    assert job.result(decoder=[ResultDecoder, Upper])[0].data.meas.num_shots == 64
    assert ResultDecoder.decode("no {json") == "no {json"
