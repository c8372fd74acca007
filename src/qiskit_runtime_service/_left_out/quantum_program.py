"""A door that stays closed. Its import is absolute, for it is opened under the name that IBM's users know."""

from qiskit_runtime_service._left_out import module_not_here

raise module_not_here(__name__)
