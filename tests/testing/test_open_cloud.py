"""A cloud that programs are led to: by variables alone, and by a proxy; what they did there is seen and recorded."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.exceptions import CassetteError
from qiskit_runtime_service.records.exchange import Request
from qiskit_runtime_service.testing import (
    API_KEY,
    CassetteTransport,
    OpenCloud,
    SystemClock,
    check_cassette,
    emulated_cloud,
    ibm_cloud,
    one_instance,
    two_regions,
)
from qiskit_runtime_service.testing.open_cloud import opened, with_lasting_tokens
from qiskit_runtime_service.transport.http import HttpTransport

from ..support.calls import read, token_request

PROGRAM = """\
from qiskit import QuantumCircuit
from qiskit_runtime_service import QiskitRuntimeService, SamplerV2
circuit = QuantumCircuit(1)
circuit.measure_all()
backend = QiskitRuntimeService().least_busy()
print(sum(SamplerV2(backend).run([circuit], shots=8).result()[0].data.meas.get_counts().values()))
"""
NO_ACCOUNT = {"QISKIT_IBM_TOKEN": "somebody's", "QISKIT_IBM_INSTANCE": "somebody's", "HTTP_PROXY": "http://127.0.0.1:9"}


def run(cloud: OpenCloud, program: str = PROGRAM) -> str:
    """Run a program that is led to the cloud, whatever its user has said of others; return what it prints."""
    environment = os.environ | NO_ACCOUNT | cloud.environment
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.takes_long
@pytest.mark.holds("B448", "B469", "B475")
def test_a_program_is_led_by_variables_alone_and_waits_for_nothing() -> None:
    with ibm_cloud(one_instance(queue_seconds=7200.0)) as cloud:
        began = cloud.world.now
        assert run(cloud) == "8"
        assert cloud.world.now - began >= 7200
        assert [(job.device, job.program) for job in cloud.jobs] == [("ibm_emu5", "sampler")]
        cloud.sent.once("POST /jobs")
        assert cloud.sent.once("GET /jobs/*/results").url.startswith(f"{cloud.url}/experimental/jobs/")
    assert repr(cloud) == f"OpenCloud('{cloud.url}')"


@pytest.mark.takes_long
@pytest.mark.holds("B472", "B474")
def test_a_program_with_default_urls_is_led_by_a_proxy_and_recorded(tmp_path: Path) -> None:
    cassette = tmp_path / "run.yaml"
    with ibm_cloud(proxy=True, record=cassette) as cloud:
        assert run(cloud) == "8"
        authority = cloud.authority
        assert authority is not None
        assert cloud.environment["SSL_CERT_FILE"] == str(authority)
        asked = [exchange.request.url for exchange in cloud.sent]
        assert cloud.sent.once("POST /jobs").url == "https://quantum.cloud.ibm.com/api/v1/jobs"
        assert not cassette.exists()
    assert not authority.exists()
    assert {url.split("/")[2] for url in asked} == {
        "api.global-search-tagging.cloud.ibm.com",
        "globalcatalog.cloud.ibm.com",
        "iam.cloud.ibm.com",
        "quantum.cloud.ibm.com",
    }
    text = cassette.read_text()
    assert check_cassette(cassette) == ()
    assert cloud.key not in text
    assert text.count("uri: ") == len(asked)
    replayed = CassetteTransport(cassette)
    service = QiskitRuntimeService(token="any", instance=replayed.instance, transport=replayed, clock=replayed)
    assert service.least_busy().name == "ibm_emu5"


@pytest.mark.holds("B474")
def test_what_is_no_cassette_is_told_before_anything_is_run_and_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.yaml"
    notes.write_text("mine")
    with pytest.raises(CassetteError, match=r"notes.yaml"), ibm_cloud(record=notes):
        raise AssertionError
    assert notes.read_text() == "mine"


@pytest.mark.holds("B474")
def test_what_is_shown_to_a_person_is_not_recorded(tmp_path: Path) -> None:
    cassette = tmp_path / "run.yaml"
    with ibm_cloud(record=cassette) as cloud, closing(HttpTransport()) as carrier:
        for path in ("/", "/emulator/overview.json", "/api/v1/versions"):
            assert carrier.send(Request(method="GET", url=f"{cloud.url}{path}")).unwrap().status == 200
    assert cassette.read_text().count("uri: ") == 1


@pytest.mark.holds("B475")
@pytest.mark.parametrize("proxy", [False, True])
def test_two_clouds_are_open_at_once(proxy: bool) -> None:
    with ibm_cloud(two_regions(), proxy=proxy) as first, ibm_cloud(proxy=proxy) as second:
        assert first.url != second.url
        assert (len(first.world.instances), len(second.world.instances)) == (2, 1)
        assert first.key == second.key == API_KEY


@pytest.mark.holds("B475")
@pytest.mark.parametrize("now", [1_000.0, 1_788_256_800.0, 9_000_000_000.0])
def test_a_token_is_fresh_for_who_looks_at_another_clock(now: float) -> None:
    world = with_lasting_tokens(one_instance(), now)
    told = read(emulated_cloud(world).send(token_request()).unwrap())
    # Clients ask for another once a fifth of its time is left.
    assert told["expiration"] - 0.2 * told["expires_in"] >= now + 3600
    assert with_lasting_tokens(world, now) == world


@pytest.mark.holds("B475")
def test_a_token_that_lasts_longer_is_left_alone() -> None:
    world: World = msgspec.structs.replace(one_instance(), token_seconds=10**9)
    assert with_lasting_tokens(world, SystemClock().now()) == world


@pytest.mark.takes_long
@pytest.mark.holds("B344")
def test_a_door_that_speaks_tls_itself_is_trusted_by_variables_too() -> None:
    cloud = emulated_cloud(one_instance(now=SystemClock().now()))
    with opened(cloud, tls=True) as door:
        assert door.url.startswith("https://127.0.0.1:")
        assert run(door) == "8"
        assert [request.url for request in cloud.requests("/jobs", "POST")] == [f"{door.url}/experimental/jobs"]
