"""The door to the plugins for `translation_method`, where Qiskit's transpiler finds them too."""

from ..passes.translation import (
    IBMDynamicFractionalTranslationPlugin,
    IBMDynamicTranslationPlugin,
    IBMTranslationPlugin,
)

__all__ = ["IBMDynamicFractionalTranslationPlugin", "IBMDynamicTranslationPlugin", "IBMTranslationPlugin"]
