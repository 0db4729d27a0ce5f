"""Files that were sent to a page: sealed as long as they are here, and soon gone."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from alertcast.core.upload import KEPT, Upload, UploadKind, UploadState
from alertcast.store.crypto import Vault
from alertcast.store.db import Tx
from alertcast.store.rows import columns, new_id
from alertcast.store.schema import upload

_FOUND = select(*columns(Upload, upload))
_GONE: Mapping[str, None] = {"content": None, "report": None, "copy": None}


def add(
    tx: Tx,
    vault: Vault,
    kind: UploadKind,
    file: str,
    name: str,
    raw: bytes,
    *,
    options: Mapping[str, Any],
    sha256: str,
    by: str,
    real_now: datetime,
) -> int:
    """Keep a file, to be looked at; return its id."""
    row = insert(upload).values(
        kind=kind,
        file=file,
        name=name,
        options=dict(options),
        sha256=sha256,
        state=UploadState.CHECKING,
        progress=0,
        by=by,
        sent_at=real_now,
        worked_at=real_now,
        seen="",
        confirmed={},
        done={},
        content=_sealed(vault, raw),
    )
    return new_id(tx.execute(row))


def get(tx: Tx, upload_id: int, *, lock: bool = False) -> Upload | None:
    """Return a file without its content; `lock`: nobody else changes it meanwhile."""
    rows = _FOUND.where(upload.c.id == upload_id)
    row = tx.execute(rows.with_for_update() if lock else rows).first()
    return None if row is None else Upload(*row)


def listed(tx: Tx) -> Sequence[Upload]:
    """Return every file that is here, the newest first."""
    return [Upload(*row) for row in tx.execute(_FOUND.order_by(upload.c.id.desc()))]


def content(tx: Tx, vault: Vault, upload_id: int) -> bytes | None:
    """Return what is in a file; None once it was applied. Raises DataKeyError."""
    return _opened(vault, tx.execute(_one(upload.c.content, upload_id)).scalar())


def copy(tx: Tx, vault: Vault, upload_id: int) -> bytes | None:
    """Return the copy with the bad cells marked, if there is one. Raises DataKeyError."""
    return _opened(vault, tx.execute(_one(upload.c.copy, upload_id)).scalar())


def report(tx: Tx, vault: Vault, upload_id: int) -> dict[str, Any]:
    """Return what was found, {} before. Raises DataKeyError."""
    kept = tx.execute(_one(upload.c.report, upload_id)).scalar()
    return {} if kept is None else dict(json.loads(vault.open(kept)))


def change(tx: Tx, upload_id: int, **values: Any) -> None:
    """Change what is known of a file."""
    tx.execute(update(upload).where(upload.c.id == upload_id).values(**values))


def tell(
    tx: Tx,
    vault: Vault,
    upload_id: int,
    found: Mapping[str, Any],
    *,
    seen: str,
    copy: bytes | None = None,
) -> None:
    """Write what was found in a file; it can be applied from now on."""
    change(
        tx,
        upload_id,
        state=UploadState.CHECKED,
        progress=100,
        seen=seen,
        report=vault.seal(json.dumps(found, ensure_ascii=False, default=str)),
        copy=None if copy is None else _sealed(vault, copy),
    )


def applied(tx: Tx, upload_id: int, done: Mapping[str, Any]) -> None:
    """Write that a file is in use; nothing of what it held stays here."""
    values = {"state": UploadState.APPLIED, "progress": 100, "done": dict(done), **_GONE}
    change(tx, upload_id, **values)


def remove(tx: Tx, upload_id: int) -> None:
    """Throw a file away."""
    tx.execute(delete(upload).where(upload.c.id == upload_id))


def clear(tx: Tx, real_now: datetime) -> int:
    """Throw away what was sent too long ago; return how many files."""
    return tx.execute(delete(upload).where(upload.c.sent_at < real_now - KEPT)).rowcount


def has_any(tx: Tx) -> bool:
    """Say whether any file is here."""
    return tx.execute(select(upload.c.id).limit(1)).first() is not None


def _one(column: Any, upload_id: int) -> Select[Any]:
    return select(column).where(upload.c.id == upload_id)


def _sealed(vault: Vault, raw: bytes) -> bytes:
    return vault.seal(base64.b64encode(raw).decode())


def _opened(vault: Vault, kept: bytes | None) -> bytes | None:
    return None if kept is None else base64.b64decode(vault.open(kept))
