"""The door to what programs for IBM's client check and convert by its functions, where they look for it."""

from .._doors import open_doors
from ..shell.checks import (
    are_circuits_dynamic,
    is_crn,
    validate_classical_registers,
    validate_estimator_pubs,
    validate_isa_circuits,
    validate_job_tags,
    validate_no_dd_with_dynamic_circuits,
    validate_rzz_pubs,
)
from ..shell.dates import local_to_utc, utc_to_local

__all__ = [
    "are_circuits_dynamic",
    "is_crn",
    "local_to_utc",
    "utc_to_local",
    "validate_classical_registers",
    "validate_estimator_pubs",
    "validate_isa_circuits",
    "validate_job_tags",
    "validate_no_dd_with_dynamic_circuits",
    "validate_rzz_pubs",
]

open_doors(__name__)
