"""Laws of what stands on a cassette in place of real names."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.cassettes.pseudonyms import account_for, crn_for, crns_in, cursor_for, ids_in, instance_for

# The id of an account that begins with 16 zeros is a stand-in already.
ACCOUNTS = st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda name: name[:16].strip("0"))
INSTANCES = st.uuids().map(str)
CURSORS = st.text("0123456789abcdef-", min_size=1, max_size=60)
KINDS = pytest.mark.parametrize(
    ("stand_in", "names", "form"),
    [
        (account_for, ACCOUNTS, r"0{16}[0-9a-f]{16}"),
        (instance_for, INSTANCES, r"00000000-0000-4000-8000-[0-9a-f]{12}"),
        (cursor_for, CURSORS, r"cursor-[0-9a-f]{12}"),
    ],
    ids=["account", "instance", "cursor"],
)


@KINDS
@given(data=st.data())
def test_a_name_and_its_stand_in_have_nothing_in_common(
    stand_in: Callable[[str], str], names: st.SearchStrategy[str], form: str, data: st.DataObject
) -> None:
    name, other = data.draw(st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]))
    assert re.fullmatch(form, stand_in(name))
    assert stand_in(name) != name
    assert stand_in(name) != stand_in(other)
    assert stand_in(stand_in(name)) == stand_in(name) == stand_in(name)


@pytest.mark.parametrize("stand_in", [account_for, instance_for, cursor_for])
def test_nothing_has_no_stand_in(stand_in: Callable[[str], str]) -> None:
    assert stand_in("") == ""


@given(ACCOUNTS, INSTANCES)
def test_a_crn_keeps_its_region_and_service_and_nothing_else(account: str, instance: str) -> None:
    crn = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{account}:{instance}::"
    *_, region, owner, inner, kind, resource = crn_for(crn).split(":")
    assert (region, kind, resource) == ("us-east", "", "")
    assert owner == f"a/{account_for(account)}"
    assert inner == instance_for(instance)
    text = f'{{"crn": "{crn}", "of": "{account}", "id": "{instance}"}}'
    for hidden in (crns_in(f"one {crn} two {crn}"), ids_in(text)):
        assert account not in hidden
        assert instance not in hidden


@given(INSTANCES, INSTANCES)
def test_the_resource_of_a_crn_has_a_stand_in_too(instance: str, resource: str) -> None:
    crn = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{'1' * 32}:{instance}:kind:{resource}"
    assert crn_for(crn).split(":")[8:] == ["kind", instance_for(resource)]
