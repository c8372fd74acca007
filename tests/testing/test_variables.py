"""Which variables lead clients to a door, written out."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiskit_runtime_service.testing.variables import as_exports, by_proxy, by_urls, to_trust

URL = "http://127.0.0.1:8000"
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@pytest.mark.holds("B469")
def test_urls_lead_to_the_door() -> None:
    assert by_urls(URL, "a-key", {}) == {
        "IAM_URL": "http://127.0.0.1:8000",
        "GLOBAL_SEARCH_URL": "http://127.0.0.1:8000",
        "GLOBAL_CATALOG_URL": "http://127.0.0.1:8000/api/v1",
        "QISKIT_IBM_URL": "http://127.0.0.1:8000/experimental",
        "QISKIT_IBM_TOKEN": "a-key",
        "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
        "QISKIT_IBM_INSTANCE": "",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


@pytest.mark.holds("B469")
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_what_the_user_asks_without_a_proxy_is_asked_without_one_still(name: str) -> None:
    found = by_urls("http://[::1]:8000", "a-key", {name: "intranet.example,10.0.0.0/8"})
    assert found["NO_PROXY"] == found["no_proxy"] == "intranet.example,10.0.0.0/8,::1"


@pytest.mark.holds("B472")
def test_a_proxy_is_all_that_clients_are_told_beside_their_key() -> None:
    assert by_proxy(URL, "a-key") == {
        "HTTPS_PROXY": "http://127.0.0.1:8000",
        "https_proxy": "http://127.0.0.1:8000",
        "QISKIT_IBM_TOKEN": "a-key",
        "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
        "QISKIT_IBM_INSTANCE": "",
        "IAM_URL": "",
        "GLOBAL_SEARCH_URL": "",
        "GLOBAL_CATALOG_URL": "",
        "QISKIT_IBM_URL": "",
        "NO_PROXY": "",
        "no_proxy": "",
    }


@pytest.mark.holds("B472")
def test_whom_to_trust_is_told_to_each_library_by_its_variable() -> None:
    assert to_trust(None) == {}
    file = str(Path("authority.pem"))
    wanted = {"REQUESTS_CA_BUNDLE": file, "SSL_CERT_FILE": file, "CURL_CA_BUNDLE": file}
    assert to_trust(Path(file)) == wanted


@pytest.mark.holds("B471")
@pytest.mark.skipif(os.name == "nt", reason="there is no sh on Windows")
def test_a_shell_takes_over_what_it_is_told_whatever_is_in_it() -> None:
    wanted = {"ONE": "it's $HOME `ls` \"\\ \n*", "TWO": "", "THREE": "plain"}
    script = "\n".join([*as_exports(wanted), 'printf "%s|" "$ONE" "$TWO" "$THREE"'])
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "it's $HOME `ls` \"\\ \n*||plain|"


@pytest.mark.holds("B471")
@given(st.dictionaries(st.from_regex("[A-Z_]{1,9}", fullmatch=True), values, max_size=3))
def test_each_variable_has_a_line_in_either_shell(variables: dict[str, str]) -> None:
    lines = as_exports(variables, powershell=True)
    assert len(lines) == len(as_exports(variables)) == len(variables)
    for line, (name, value) in zip(lines, variables.items(), strict=True):
        assert line[: len(name) + 9] == f"$env:{name} = '"[: len(name) + 9]
        assert line[len(name) + 9 : -1].replace("''", "'") == value
