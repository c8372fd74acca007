"""The door to `noise_learner_result`, where results of noise learners were first found. Nothing else is behind it."""

from typing import TYPE_CHECKING

from qiskit_runtime_service._left_out import closed

if not TYPE_CHECKING:
    __getattr__ = closed(__name__)
