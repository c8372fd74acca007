"""Plugins for `translation_method` of Qiskit's transpiler, by the names that IBM's client gives them."""

from qiskit.transpiler import PassManager, PassManagerConfig
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin, PassManagerStagePluginManager

from .._public import public
from .id_to_delay import ConvertIdToDelay
from .rzz_folding import FoldRzzAngle


def build_translation(config: PassManagerConfig, level: int | None, *, keeps_id: bool, folds: bool) -> PassManager:
    """Build Qiskit's own translation, with what a device needs around it.

    Args:
        config: Of the transpiler.
        level: Of optimization.
        keeps_id: Whether an `id` stays where the device has it. Else, and where it has none, it becomes a delay, if it
            is known how long gates last.
        folds: Whether angles of `rzz` are folded, where the device has it.

    Source: behaviour B464.
    """
    gates = config.basis_gates or () if config.target is None else config.target.operation_names
    passes = PassManager()
    if config.instruction_durations is not None and not (keeps_id and "id" in gates):
        passes.append(ConvertIdToDelay(config.instruction_durations))
    passes += PassManagerStagePluginManager().get_passmanager_stage("translation", "translator", config, level)
    if folds and "rzz" in gates:
        passes.append(FoldRzzAngle())
    return passes


@public("transpiler.plugin")
class IBMTranslationPlugin(PassManagerStagePlugin):
    """The translation `ibm_backend`: Qiskit's own, with delays for `id`."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Build the passes of the stage."""
        return build_translation(pass_manager_config, optimization_level, keeps_id=False, folds=False)


@public("transpiler.plugin")
class IBMDynamicTranslationPlugin(PassManagerStagePlugin):
    """The translation `ibm_dynamic_circuits`: Qiskit's own."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Build the passes of the stage."""
        return build_translation(pass_manager_config, optimization_level, keeps_id=True, folds=False)


@public("transpiler.plugin")
class IBMDynamicFractionalTranslationPlugin(PassManagerStagePlugin):
    """The translation `ibm_dynamic_and_fractional`: Qiskit's own, with angles of `rzz` folded."""

    def pass_manager(
        self, pass_manager_config: PassManagerConfig, optimization_level: int | None = None
    ) -> PassManager:
        """Build the passes of the stage."""
        return build_translation(pass_manager_config, optimization_level, keeps_id=True, folds=True)
