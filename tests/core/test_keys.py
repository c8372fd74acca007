"""What looks like a key is not shown; what has a name keeps it."""

import re
import time
import uuid
from random import Random
from string import ascii_letters, ascii_lowercase, digits, hexdigits

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qiskit_runtime_service.core.keys import hide_keys, hide_keys_of, looks_like_key
from qiskit_runtime_service.core.messages import describe
from qiskit_runtime_service.records.problem import AccountNameNotFound, BadArgument, Problem, UnknownChannel
from tests.support.conversations import CRNS, KEY, TOKENS

NAMES = [
    "my-account-for-work-2026-in-berlin",
    "My Account For The Whole Department",
    "MyAccountForTheWholeDepartmentOfPhysics",
    "ibm_quantum_platform_account_of_the_year_2026",
    "fake_washington_v2_with_all_of_its_calibrations",
    "GenericBackendV2WithOneHundredAndTwentySevenQubits",
    "QISKIT_IBM_RUNTIME_CUSTOM_CLIENT_APP_HEADER",
    "Win32_GetCurrentProcessExplicitAppUserModelName",
    "person.with.a.long.name@department.example.org",
    "/home/somebody/projects/quantum/results/2026-11-30/run-0001.json",
    "https://us-east.quantum-computing.cloud.ibm.com/api/v1/backends/ibm_torino/configuration",
    "https://private.eu-de.quantum.cloud.ibm.com:443/api/v1/jobs?limit=10&exclude_params=true",
    *CRNS,
    "crn:v1:staging:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef::service-instance:name",
    "d4q2k8s3vjks73f0abcg",
    "submission-0f8fad5b-d9cb-469f-a165-70867728950e",
    "sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "0x" + "8f" * 16,
    "'0'*40 and " + "0" * 40,
]


@pytest.mark.holds("B328")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    assert hide_keys(f"There is no {name!r}.") == f"There is no {name!r}."


@pytest.mark.holds("B328")
@given(st.uuids(), st.text(hexdigits.lower()[:16], min_size=1, max_size=100))
def test_an_id_is_shown_as_it_is(number: uuid.UUID, id_: str) -> None:
    text = f"job {number} of {str(number).upper()} and {id_}"
    assert hide_keys(text) == text


def keys_of(letters: str) -> st.SearchStrategy[str]:
    """Draw keys as a token service makes them: no letter depends on another."""
    return st.integers(0, 2**64).map(lambda seed: key_of(letters, seed)).filter(turns_from_letters_to_digits)


def key_of(letters: str, seed: int) -> str:
    return "".join(Random(seed).choices(letters, k=44))  # noqa: S311  # no secrets


def turns_from_letters_to_digits(key: str) -> bool:
    """Tell whether a key does so three times at least, as nearly all do. The others may look like names."""
    return len(re.findall(r"[a-zA-Z](?=[0-9])|[0-9](?=[a-zA-Z])", key)) >= 3


@pytest.mark.holds("B328")
def test_hardly_any_key_looks_like_a_name() -> None:
    keys = [key_of(f"{ascii_letters}{digits}-_", seed) for seed in range(20_000)]
    assert sum(hide_keys(key) == key for key in keys) <= 2


@pytest.mark.holds("B328")
@given(keys_of(f"{ascii_letters}{digits}-_"))
@example(KEY)
def test_of_a_key_two_letters_and_the_length_are_shown(key: str) -> None:
    for text in ("There is no {!r}.", "apikey={}", "https://host.example/?key={}", "{}\n"):
        assert hide_keys(text.format(key)) == text.format(f"{key[:2]}… (44 characters)")


@pytest.mark.holds("B328")
@given(keys_of(f"{ascii_lowercase}{digits}"), keys_of("0123456789abcdef"))
def test_keys_of_other_makes_are_not_shown(small: str, part: str) -> None:
    assert hide_keys(small) == f"{small[:2]}… (44 characters)"
    old = (part * 3)[:128]
    assert hide_keys(f"of {old}.") == f"of {old[:2]}… (128 characters)."
    assert hide_keys(f"of {TOKENS[0]}") == f"of ey… ({len(TOKENS[0])} characters)"


@given(st.text())
@example(KEY)
@example(TOKENS[0])
def test_to_hide_twice_is_to_hide_once(text: str) -> None:
    shown = hide_keys(text)
    assert hide_keys(shown) == shown
    assert not any(looks_like_key(word) for word in re.findall(r"[A-Za-z0-9_-]+", shown))


@pytest.mark.holds("B328")
@given(keys_of(f"{ascii_letters}{digits}-_"))
def test_no_message_and_no_record_of_an_error_shows_a_key(key: str) -> None:
    problems: list[Problem] = [
        UnknownChannel(channel=key, origin="argument channel="),
        AccountNameNotFound(name=key, path=f"/home/{key}.json", known=("mine", key)),
        BadArgument(name="region", value=repr(key), wanted="one of us-east, eu-de"),
    ]
    for problem in problems:
        assert key not in f"{describe(problem)}{hide_keys_of(problem)!r}"
        assert f"{key[:2]}… (44 characters)" in str(describe(problem))
    plain = AccountNameNotFound(name="mine", path="/home", known=("yours",))
    assert hide_keys_of(plain) is plain


def seconds_to_hide(text: str) -> float:
    begun = time.process_time()
    hide_keys(text)
    return time.process_time() - begun


@pytest.mark.holds("B328", "B455")
@pytest.mark.parametrize("part", ["eyJ\u00e9", "eyJ__\u00e9", "eyJaaaaaaaa.", "eyJ", "a1B2", "0a"])
def test_hiding_takes_time_in_proportion_to_the_text(part: str) -> None:
    """100,000 characters; where the time grows with their square it is 10 s and more."""
    assert min(seconds_to_hide(part * (100_000 // len(part))) for _ in range(3)) < 1
