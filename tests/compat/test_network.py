"""The existing client on the same bad roads: what it does there, as a control."""

from pathlib import Path

from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, one_instance
from tests.support.certificates import WRONG, doors_to
from tests.support.existing import ask_existing_client, needs_existing_client
from tests.support.troubled import dripping, silent, troubled

SCRIPT = Path(__file__).with_name("network.py")
WORLD = one_instance()
CRN = next(iter(WORLD.instances))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
PATIENCE = 3.0


@needs_existing_client
def test_bad_certificates_of_the_runtime(tmp_path: Path) -> None:
    with doors_to(EmulatedTransport(WORLD), EmulatedTransport(WORLD), tmp_path) as doors:
        common = {"good": doors.good.base, "key": API_KEY, "crn": CRN, "bundle": doors.bundle, "patience": "30"}
        wrongs = ["self-signed", "expired", "revoked"]
        answers = ask_existing_client(SCRIPT, [common | {"runtime": doors.bad[wrong].base} for wrong in wrongs])
    refused = {wrong: not answer.get("backends") for wrong, answer in zip(wrongs, answers, strict=True)}
    assert refused["self-signed"]
    assert refused["expired"]
    assert set(refused) < set(WRONG)


@needs_existing_client
def test_a_server_that_holds_up_its_caller_holds_it_up_without_end() -> None:
    with (
        door_to(EmulatedTransport(WORLD)) as door,
        troubled(silent) as still,
        troubled(dripping(HEAD, b"x")) as slow,
    ):
        common = {"good": door.base, "key": API_KEY, "crn": CRN, "patience": str(PATIENCE)}
        questions = [common | {"runtime": f"http://{address}"} for address in (still, slow)]
        answers = ask_existing_client(SCRIPT, questions)
    assert [answer["ended"] for answer in answers] == [False, False]
    assert all(answer["seconds"] >= PATIENCE for answer in answers)
