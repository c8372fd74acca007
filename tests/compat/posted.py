"""What two clients submit to one cloud each: the cloud, the bodies that reached it, and IBM's client led to it."""

import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.emulator.world import Device
from qiskit_runtime_service.records.job import TAG_PREFIX
from qiskit_runtime_service.testing import API_KEY, EmulatedTransport, door_to, emulated_cloud, one_instance
from tests.support.existing import ask_existing_client

BACKEND = "ibm_line"


def cloud_of(*devices: Device) -> EmulatedTransport:
    return emulated_cloud(one_instance(devices=devices, plan="premium", now=time.time()))


def service_of(cloud: EmulatedTransport) -> QiskitRuntimeService:
    return QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)


def posted(cloud: EmulatedTransport) -> list[dict[str, Any]]:
    """Return the submissions that reached the cloud."""
    posts = (exchange.request for exchange in cloud.ledger if exchange.request.method == "POST")
    return [json.loads(post.body) for post in posts if post.url.endswith("/jobs")]


def users_tags(body: dict[str, Any]) -> list[str]:
    """Return the tags of a submission but its own."""
    return [tag for tag in body.get("tags", []) if not tag.startswith(TAG_PREFIX)]


def lead_existing_client(cloud: EmulatedTransport, script: ModuleType, **question: Any) -> Any:
    """Return what a script answers that leads IBM's client, in its environment, to a cloud."""
    with door_to(cloud) as door:
        (instance,) = cloud.world.instances
        place = {"base": door.base, "key": API_KEY, "instance": instance, "backend": BACKEND}
        return lead_existing_client_to(script, place | question)


def lead_existing_client_to(script: ModuleType, question: dict[str, Any]) -> Any:
    """Return what a script answers that leads IBM's client, in its environment, through what is in it."""
    return ask_existing_client(Path(str(script.__file__)), question)
