"""SciPy's sparse matrices: base64 text of an archive of arrays."""

import base64
import binascii
import io
import struct
import zipfile
import zlib
from typing import Any

from numpy.typing import NDArray

from ..ledger import Ledger, refuse
from ..safe_decoding import read_npy

_TAG = "spmatrix"
_DIRECTORY_END = struct.Struct("<4s4H2LH")
"""What an archive ends with: how long its list of files is, and where."""
_LONGEST_DIRECTORY = 4096
"""Bytes. That of five arrays has about three hundred."""
_PARTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "bsr": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
    "dia": ("data", "offsets"),
}
"""Which arrays each form of a matrix is made of, besides its shape."""


def is_sparse_matrix(value: object) -> bool:
    """Tell whether `value` is a sparse matrix of SciPy; its sparse arrays have no form."""
    from scipy.sparse import isspmatrix

    return bool(isspmatrix(value))


def sparse_text(matrix: Any) -> str:
    """Return the archive of a matrix as base64 text.

    Raises:
        NotImplementedError: SciPy cannot save a matrix of this form.
    """
    from scipy.sparse import save_npz

    stream = io.BytesIO()
    save_npz(stream, matrix)
    return base64.b64encode(stream.getbuffer()).decode("ascii")


def read_sparse(text: str, ledger: Ledger) -> object:
    """Return the matrix of an archive, every index within its shape.

    Fails with:
        TooLarge: An array is larger than the ledger has room for.
        UnreadableValue: The archive is damaged, or not that of a sparse matrix.
    """
    import scipy.sparse

    ledger.hold(_TAG, len(text))
    try:
        packed = binascii.a2b_base64(text, strict_mode=True)
        _check_directory(packed)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            form = _read_form(archive, ledger)
            shape = _read_array(archive, "shape", ledger)
            parts = [_read_array(archive, part, ledger) for part in _PARTS[form]]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, OSError) as reason:
        raise refuse(_TAG, str(reason)) from None
    if shape.shape != (2,) or shape.dtype.kind not in "iu":
        raise refuse(_TAG, "the shape is not a pair of sizes")
    data, *places = parts
    rows, columns = map(int, shape)
    inner = (data, places[0]) if form == "dia" else (data, tuple(places)) if form == "coo" else (data, *places)
    matrix = getattr(scipy.sparse, f"{form}_matrix")(inner, shape=(rows, columns))
    if form not in ("coo", "dia"):
        # Indices beyond the shape would be believed by compiled code.
        matrix.check_format(full_check=True)
    return matrix


def _check_directory(data: bytes) -> None:
    """Refuse an archive whose list of files is longer than that of any matrix: it is read as a whole at first."""
    end = data[-_DIRECTORY_END.size :]
    if len(end) < _DIRECTORY_END.size or end[:4] != b"PK\5\6":
        raise refuse(_TAG, "the data does not end as an archive does")
    *_, size, _, comment = _DIRECTORY_END.unpack(end)
    if size > _LONGEST_DIRECTORY or comment or b"PK\6\7" in data[-_DIRECTORY_END.size - 20 :]:
        raise refuse(_TAG, "its list of files is not that of a sparse matrix")


def _read_form(archive: zipfile.ZipFile, ledger: Ledger) -> str:
    name = _read_array(archive, "format", ledger)
    form = name.item() if name.shape == () else None
    form = form.decode("latin-1") if isinstance(form, bytes) else form
    if form not in _PARTS:
        raise refuse(_TAG, f"there is no sparse matrix of the form {form!r:.80}")
    return str(form)


def _read_array(archive: zipfile.ZipFile, part: str, ledger: Ledger) -> NDArray[Any]:
    member = archive.getinfo(f"{part}.npy")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse(_TAG, f"{part} is compressed in a way that is not read")
    with archive.open(member) as stream:
        return read_npy(stream, ledger)
