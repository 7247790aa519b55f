"""The model file: named arrays and one JSON header in a zip archive. No pickle; the same content gives the same bytes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from freedom_policy.errors import BadInput

_EPOCH = (1980, 1, 1, 0, 0, 0)


def save(path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write ``header`` (JSON-able) and ``arrays``; entries are sorted and undated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _write(archive, "header.json", json.dumps(header, sort_keys=True, ensure_ascii=False, indent=0).encode())
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            _write(archive, f"{name}.npy", buffer.getvalue())


def load(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what :func:`save` wrote; nothing in the file is executed.

    Raises:
        BadInput: no such file, or not a model file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read("header.json"))
            arrays = {
                name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in archive.namelist()
                if name.endswith(".npy")
            }
    except FileNotFoundError:
        raise BadInput(
            f"No model file at {path}. Train one with `freedom-policy train`, or leave the option out."
        ) from None
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadInput(
            f"{path} is not a model file of ours ({error}). Train one with `freedom-policy train`."
        ) from None
    return header, arrays


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
