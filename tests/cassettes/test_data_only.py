"""A cassette is data: no tag in it makes an object or runs anything."""

from pathlib import Path

import pytest

from qiskit_runtime_service.cassettes.files import load_cassette
from qiskit_runtime_service.exceptions import IBMError
from qiskit_runtime_service.records.problem import CassetteUnreadable
from qiskit_runtime_service.testing import replay

CASSETTE = """\
interactions:
- request:
    body: null
    headers: {{}}
    method: GET
    uri: https://quantum.cloud.ibm.com/api/v1/jobs
  response:
    body:
      string: {value}
    headers: {{}}
    status: {{code: 200, message: OK}}
version: 1
"""
TAGS = [
    "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.PosixPath [{marker}]]",
    "!!python/object/apply:os.mkdir [{marker}]",
    "!!python/object/new:subprocess.Popen [[touch, {marker}]]",
    "!!python/name:os.system",
    "!!python/module:antigravity",
]


def test_the_same_cassette_without_a_tag_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(CASSETTE.format(value="'{}'"))
    (exchange,) = load_cassette(path).unwrap()
    assert exchange.response.body == b"{}"


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_of_python_is_no_cassette_and_runs_nothing(tmp_path: Path, tag: str) -> None:
    marker, path = tmp_path / "marker", tmp_path / "run.yaml"
    path.write_text(CASSETTE.format(value=tag.format(marker=marker)))
    assert isinstance(load_cassette(path).failure(), CassetteUnreadable)
    with pytest.raises(IBMError, match="it is no cassette"):
        replay(path)
    assert not marker.exists()
