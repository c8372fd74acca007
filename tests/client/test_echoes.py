"""A server that echoes what it was sent: neither errors nor logs have the key or a token."""

import json
import logging
import time

import msgspec
import pytest
from returns.result import Result, Success

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.exceptions import IBMError
from qiskit_runtime_service.records.exchange import Request, Response
from qiskit_runtime_service.records.problem import Problem
from qiskit_runtime_service.testing import EmulatedTransport, emulated_cloud, one_instance

KEY = "the-key-that-is-echoed"
REFUSES_KEYS = 400


class Echo:
    """A cloud whose runtime answers every request with all that was in it."""

    def __init__(self, cloud: EmulatedTransport, status: int) -> None:
        self.cloud = cloud
        self.status = status
        self.tokens: list[str] = []

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if "/backends" not in request.url and self.status != REFUSES_KEYS:
            return self.cloud.send(request)
        authorization = request.header("Authorization") or ""
        self.tokens += [authorization.removeprefix("Bearer ")] if authorization else []
        echoed = f"{authorization} {request.body.decode()} {request.url}"
        body = echoed if self.status == 200 else json.dumps({"errors": [{"message": echoed}]})
        return Success(Response(status=self.status, body=body.encode()))

    def close(self) -> None:
        """Have nothing to give up."""


@pytest.mark.holds("B229")
@pytest.mark.parametrize("status", [200, 403, 404, 500])
def test_what_is_echoed_loses_its_secrets(status: int, caplog: pytest.LogCaptureFixture) -> None:
    world = one_instance()
    (account,) = world.keys.values()
    cloud = emulated_cloud(msgspec.structs.replace(world, keys={KEY: account}))
    echo = Echo(cloud, status)
    with caplog.at_level(logging.DEBUG), pytest.raises(IBMError) as caught:
        QiskitRuntimeService(token=KEY, transport=echo, clock=cloud).backends()
    told = f"{caught.value} {caught.value.problem!r} {caught.value.server_message} {caplog.text}"
    assert KEY[:8] not in told
    assert "Bearer ****" in told
    assert not [token for token in echo.tokens if token[:8] in told]


class Giant:
    """A cloud whose token service hands out tokens of any size, which its runtime does not know."""

    def __init__(self, cloud: EmulatedTransport, token: str) -> None:
        self.cloud = cloud
        self.token = token

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if not request.url.endswith("/token"):
            return self.cloud.send(request)
        return Success(Response(status=200, body=json.dumps({"access_token": self.token, "expires_in": 60}).encode()))

    def close(self) -> None:
        """Have nothing to give up."""


@pytest.mark.holds("B229", "B455")
@pytest.mark.parametrize("part", ["x", "token-", "eyJ"])
def test_a_giant_token_is_looked_for_in_time(part: str) -> None:
    """Of 200,000 characters; where the time grows with their square it is minutes."""
    cloud = emulated_cloud(one_instance())
    (crn,) = cloud.world.instances
    giant = Giant(cloud, part * (200_000 // len(part)))
    begun = time.process_time()
    with pytest.raises(IBMError):
        QiskitRuntimeService(token=KEY, transport=giant, clock=cloud, instance=crn).backends()
    assert time.process_time() - begun < 5


class Parrot(Echo):
    """A cloud whose only backend is called as the request is signed, and has an odd number of qubits."""

    def send(self, request: Request, /) -> Result[Response, Problem]:
        if "/backends" not in request.url:
            return self.cloud.send(request)
        self.tokens.append((request.header("Authorization") or "").removeprefix("Bearer "))
        row = {"name": f"{KEY} {self.tokens[-1]}", "qubits": "many"}
        return Success(Response(status=200, body=json.dumps({"devices": [row]}).encode()))


@pytest.mark.holds("B229", "B286")
def test_what_is_told_of_an_odd_answer_loses_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    world = one_instance()
    (account,) = world.keys.values()
    cloud = emulated_cloud(msgspec.structs.replace(world, keys={KEY: account}))
    parrot = Parrot(cloud, 200)
    with caplog.at_level(logging.DEBUG):
        QiskitRuntimeService(token=KEY, transport=parrot, clock=cloud).backends()
    assert "devices['**** ****'].qubits: Expected `int | null`, got `str`" in caplog.text
    assert KEY[:8] not in caplog.text
    assert parrot.tokens[0][:8] not in caplog.text


@pytest.mark.holds("B229")
@pytest.mark.parametrize(("key", "hidden"), [("8letters", True), ("7letter", False)])
def test_what_is_as_short_as_a_word_is_not_looked_for(key: str, hidden: bool) -> None:
    with pytest.raises(IBMError) as caught:
        QiskitRuntimeService(token=key, transport=Echo(emulated_cloud(one_instance()), 400)).backends()
    assert (key in str(caught.value)) is not hidden


@pytest.mark.holds("B229")
@pytest.mark.parametrize(("kept", "hidden"), [(8, True), (7, False)])
def test_the_beginning_of_a_key_is_hidden_where_the_words_of_the_server_end(kept: int, hidden: bool) -> None:
    with pytest.raises(IBMError) as caught:
        QiskitRuntimeService(token=KEY, transport=CutShort(f"no key such as {KEY[:kept]}")).backends()
    message = str(caught.value.server_message)
    assert message == ("no key such as ****" if hidden else f"no key such as {KEY[:kept]}")


class CutShort:
    """A cloud that answers everything with the same words."""

    def __init__(self, words: str) -> None:
        self.words = words

    def send(self, _: Request, /) -> Result[Response, Problem]:
        return Success(Response(status=REFUSES_KEYS, body=json.dumps({"message": self.words}).encode()))

    def close(self) -> None:
        """Have nothing to give up."""


@pytest.mark.holds("B229")
def test_a_token_service_that_echoes_the_key_shows_no_key() -> None:
    cloud = Echo(emulated_cloud(one_instance()), 400)
    with pytest.raises(IBMError, match=r"apikey=\*\*\*\*") as caught:
        QiskitRuntimeService(token=KEY, transport=cloud).backends()
    assert KEY[:8] not in f"{caught.value} {caught.value.problem!r}"
