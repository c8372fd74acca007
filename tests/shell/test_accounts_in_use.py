"""The account in use: what is told of it, and which services are equal."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from qiskit_runtime_service import Endpoints, QiskitRuntimeService
from qiskit_runtime_service.testing import API_KEY, emulated_cloud, many_instances

ELSEWHERE = Endpoints(
    runtime="https://a.example/v1", token="https://b.example", search="https://c.example", catalog="https://d.example"
)


@pytest.mark.holds("B482")
def test_the_instance_of_the_account_is_a_crn_whatever_named_it() -> None:
    cloud = emulated_cloud(many_instances(3))
    crns = {held.name: crn for crn, held in cloud.world.instances.items()}
    named = {"instance-2": crns["instance-2"], crns["instance-1"]: crns["instance-1"]}
    given_and_told: list[tuple[str | None, str | None]] = [(None, None), ("", None), ("auto", None), *named.items()]
    for given, crn in given_and_told:
        service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud, instance=given)
        told = service.active_account()["instance"]
        assert told == service.active_instance()
        assert crn in (None, told)


@pytest.mark.parametrize("place", ["argument", "environment"])
def test_a_file_of_accounts_that_decides_nothing_is_not_read(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "accounts.json").write_text("no JSON")
    cloud = emulated_cloud(many_instances(3))
    given: dict[str, Any] = {"token": API_KEY} if place == "argument" else {}
    if place == "environment":
        monkeypatch.setenv("QISKIT_IBM_TOKEN", API_KEY)
    service = QiskitRuntimeService(filename=str(tmp_path / "accounts.json"), transport=cloud, clock=cloud, **given)
    assert len(service.instances()) == 3


@pytest.mark.holds("B482")
def test_services_of_one_account_are_equal() -> None:
    cloud, other = emulated_cloud(many_instances(3)), emulated_cloud(many_instances(3))
    crns = {held.name: crn for crn, held in cloud.world.instances.items()}

    def opened(**given: Any) -> QiskitRuntimeService:
        return QiskitRuntimeService(**{"token": API_KEY, "transport": cloud, "clock": cloud, **given})

    service = opened()
    assert service == opened() == service.within(3) == copy.copy(service)
    assert hash(service) == hash(opened()) == hash(service.within(3))
    assert opened(instance="instance-2") == opened(instance=crns["instance-2"])
    assert len({opened(), opened(instance="instance-2"), opened(instance=crns["instance-2"])}) == 2
    different = (
        *(opened(instance="instance-1"), opened(instance="instance-2"), opened(region="us-east")),
        *(opened(transport=other, clock=other), opened(instance=crns["instance-1"], endpoints=ELSEWHERE)),
    )
    for one in different:
        assert one != service
        assert sum(one == another for another in different) == 1
    for odd in (None, API_KEY, 3, object()):
        assert service != odd
    # What comes out of a pickle has no key, so that it is of no account.
    assert pickle.loads(pickle.dumps(service)) != service  # noqa: S301  # our own bytes


@pytest.mark.holds("B482")
def test_each_local_service_has_a_cloud_of_its_own() -> None:
    service = QiskitRuntimeService(channel="local")
    assert service == service.within(3)
    assert service != QiskitRuntimeService(channel="local")
    assert service != pickle.loads(pickle.dumps(service))  # noqa: S301  # our own bytes
