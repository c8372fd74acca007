"""What the Targets of IBM's client say under the three settings of fractional gates, written down as digests.

    python tests/compat/dump_fractional.py tests/data

Run it where that client is installed. It writes `fractional_digests.json`: for each of its snapshot backends the
digests for the settings False, True and None. The snapshots were recorded without their fractional gates, so the gates
that the properties report are put back into the configurations first, as a device that offers them has them.
"""

import json
import runpy
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

DUMP = runpy.run_path(str(Path(__file__).with_name("dump_targets.py")))
SETTINGS = (False, True, None)
PARAMETERS = {"rx": ["theta"], "rzz": ["theta"]}


def offer_fractional_gates(configuration: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration that has the fractional gates which the properties report."""
    offered = dict(configuration)
    for name, parameters in PARAMETERS.items():
        places = [gate["qubits"] for gate in properties["gates"] if gate["gate"] == name]
        if places and name not in offered["basis_gates"]:
            entry = {"name": name, "parameters": parameters, "qasm_def": f"gate {name} q {{ }}", "coupling_map": places}
            offered["basis_gates"] = [*offered["basis_gates"], name]
            offered["gates"] = [*offered["gates"], entry]
            if "supported_instructions" in offered:
                offered["supported_instructions"] = [*offered["supported_instructions"], name]
    return offered


def main(folder: Path) -> None:
    """Write the digests into `folder`."""
    warnings.simplefilter("ignore")
    backends = Path(import_module("qiskit_ibm_runtime.fake_provider").__file__ or "").with_name("backends")
    decoder = import_module("qiskit_ibm_runtime.utils.backend_decoder")
    convert = import_module("qiskit_ibm_runtime.utils.backend_converter").convert_to_target
    digests: dict[str, list[str]] = {}
    for path in sorted(backends.glob("*/conf_*.json")):
        properties = json.loads(path.with_name(path.name.replace("conf_", "props_")).read_bytes())
        offered = offer_fractional_gates(json.loads(path.read_bytes()), properties)
        digests[f"fake_{path.parent.name}"] = [
            DUMP["digest_of"](
                DUMP["view_target"](
                    convert(
                        decoder.configuration_from_server_data(
                            json.loads(json.dumps(offered)), use_fractional_gates=setting
                        ),
                        decoder.properties_from_server_data(properties, use_fractional_gates=setting),
                    )
                )
            )
            for setting in SETTINGS
        ]
    (folder / "fractional_digests.json").write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
