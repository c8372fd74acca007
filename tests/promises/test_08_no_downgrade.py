"""Promise 8: the API key goes to the token service and nowhere else; a token service that fails is an error."""

import msgspec
import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.faults import Effect, Fault, Lost, Status, Unreachable
from qiskit_runtime_service.exceptions import IBMApiError, IBMError, InvalidAccountError
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, one_instance

from .sizes import Tally, size

FAILURES: dict[str, tuple[Effect, type[IBMError]]] = {
    "refused": (
        Status(code=401, body=b'{"errorCode": "BXNIM0415E", "errorMessage": "no such key"}'),
        InvalidAccountError,
    ),
    "broken": (Status(code=500), IBMApiError),
    "down": (Unreachable(), IBMApiError),
    "silent": (Lost(acted=False), IBMApiError),
    "not JSON": (Status(code=200, body=b"<html>sign in</html>"), IBMApiError),
    "no token": (Status(code=200, body=b'{"token_type": "Bearer"}'), IBMApiError),
}


@pytest.mark.holds("B21")
@pytest.mark.parametrize("failure", FAILURES)
def test_a_token_service_that_fails_gets_no_key_sent_elsewhere(failure: str, tried: Tally) -> None:
    effect, error = FAILURES[failure]
    world = one_instance()
    crn = next(iter(world.instances))
    fault = Fault(path="*/identity/token", effect=effect, times=None)
    tried(size(100))
    for _ in range(size(100)):
        cloud = EmulatedTransport(msgspec.structs.replace(world, faults=(fault,)))
        service = QiskitRuntimeService(token=API_KEY, instance=crn, transport=cloud, clock=cloud)
        with pytest.raises(error, match="identity/token"):
            service.backends()
        assert {exchange.request.url.rpartition("/")[2] for exchange in cloud.ledger} == {"token"}


@pytest.mark.holds("B20")
def test_a_clock_that_is_a_day_off_does_no_harm() -> None:
    world = one_instance()
    for skew in (-86_400.0, 86_400.0):
        cloud = EmulatedTransport(world)

        class Skewed:
            def now(self, cloud: EmulatedTransport = cloud, skew: float = skew) -> float:
                return cloud.now() + skew

            def sleep(self, seconds: float, /, cloud: EmulatedTransport = cloud) -> None:
                cloud.sleep(seconds)

        service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=Skewed())
        for _ in range(20):
            cloud.sleep(600.0)
            service.backends()
        assert 401 not in {exchange.status for exchange in cloud.ledger}
        # 12,000 seconds of tokens that live 3,600 and are renewed after 2,880.
        assert len(cloud.requests("/identity/token")) == 5
