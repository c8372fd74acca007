"""The annotations of boxes on the wire."""

from typing import Final

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from ibm_quantum_schemas.common.annotation_serializer import AnnotationSerializer
from qiskit.circuit import Annotation

ANNOTATIONS: Final = {"samplomatic": AnnotationSerializer}
"""What writes and reads them, by the first part of their namespace."""


def comes_back(annotation: Annotation) -> bool:
    """Tell whether the wire keeps all of an annotation: some of their fields have no place there.

    Source: behaviour B363.
    """
    if annotation.namespace.partition(".")[0] not in ANNOTATIONS:
        return False
    serializer = AnnotationSerializer()
    written = serializer.dump_annotation(annotation.namespace, annotation)
    return isinstance(written, bytes) and bool(serializer.load_annotation(written) == annotation)
