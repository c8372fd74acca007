"""Explanations: complete, honest, and safe to show."""

import json
import re

import msgspec
import pytest

from qiskit_runtime_service.records.report import Report
from qiskit_runtime_service.shell.display import as_html, as_text
from qiskit_runtime_service.testing import API_KEY, many_instances, one_instance, two_regions

from .clouds import open_service

HOSTILE = "<script>alert('&')</script>"


@pytest.mark.holds("B8")
def test_an_explanation_names_every_instance_and_every_source() -> None:
    service, _ = open_service(many_instances(4), plans_preference=["premium", "open"])
    explained = service.explain()
    text = str(explained)
    for number in range(1, 5):
        assert f"instance-{number}" in text
    assert "place in plans_preference: 1" in text
    assert "plan is pay-as-you-go, not one of premium, open" in text
    assert "argument token=" in text
    assert "argument plans_preference=" in text
    assert explained.records.used[0].plan == "premium"


def test_an_instance_that_was_named_says_so() -> None:
    world = one_instance()
    service, cloud = open_service(world, instance=next(iter(world.instances)))
    assert "asked for by instance=" in str(service.explain())
    assert not cloud.ledger


def test_no_form_of_an_explanation_shows_the_key() -> None:
    service, _ = open_service(proxies={"urls": {"https": "http://user:canary@proxy:1"}})
    explained = service.explain()
    for form in (
        str(explained),
        repr(explained),
        explained.to_json(),
        explained._repr_html_(),
        repr(explained.records),
        repr(explained.reports),
    ):
        assert API_KEY not in form
        assert "canary" not in form
    assert json.loads(explained.to_json())["account"]["account"]["token"] == "****"


@pytest.mark.holds("B115")
def test_an_explanation_of_backends_has_a_row_for_each() -> None:
    service, cloud = open_service(two_regions())
    since = len(cloud.ledger)
    explained = service.explain_backends(min_num_qubits=6)
    assert len(cloud.ledger) == since + 2
    (report,) = explained.reports
    assert [row[1] for row in report.rows] == ["ibm_europe7", "ibm_east5"]
    assert report.rows[1][-1] == "has 5 qubits, fewer than 6"
    assert [row[2] for row in report.rows] == ["instance-2", "instance-1"]
    chosen = explained.records.chosen
    assert chosen is not None
    assert chosen.name == service.least_busy(min_num_qubits=6).name


@pytest.mark.holds("B11")
def test_an_instance_that_could_not_be_asked_is_told_with_the_reason() -> None:
    world = two_regions()
    first, _ = world.instances
    service, cloud = open_service(world)
    rest = {crn: instance for crn, instance in world.instances.items() if crn != first}
    cloud.alter(lambda now: msgspec.structs.replace(now, instances=rest))
    (report,) = service.explain_backends().reports
    assert [row[1] for row in report.rows] == ["ibm_europe7"]
    (note,) = report.notes
    assert note.startswith("instance-1 could not be read: ")
    assert "403" in note


def test_what_the_server_says_is_escaped() -> None:
    world = one_instance()
    (instance,) = world.instances.values()
    renamed = msgspec.structs.replace(instance, name=HOSTILE)
    service, _ = open_service(msgspec.structs.replace(world, instances={instance.crn: renamed}))
    html = service.explain()._repr_html_()
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_report_lines_up_and_marks_what_was_chosen_and_rejected() -> None:
    rows = (("1", "b"), ("2", "long name"), ("–", "c"))
    report = Report(title="T", columns=("rank", "name"), rows=rows, chosen=0, rejected=1, notes=("n",))
    assert as_text(report).splitlines() == [
        "T",
        "rank  name",
        "────  ─────────",
        "1     b",
        "2     long name",
        "–     c",
        "  n",
    ]
    html = as_html(report)
    assert '<tr class="chosen"><td>1</td>' in html
    assert '<tr class="rejected"><td>–</td>' in html
    assert '<tr class=""><td>2</td>' in html


@pytest.mark.parametrize(("rows", "said"), [(99, []), (100, []), (101, ["… and 1 more"]), (150, ["… and 50 more"])])
def test_a_page_shows_a_hundred_rows_and_says_how_many_more_there_are(rows: int, said: list[str]) -> None:
    page = as_html(Report(title="T", columns=("name",), rows=tuple((f"row {row}",) for row in range(rows))))
    assert page.count("<td>") == min(rows, 100)
    assert re.findall("<li>(.*?)</li>", page) == said
