"""Imported places by code: one layer for each scheme, replaced whole by the next import."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypedDict

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import delete, func, insert, select

from alertcast.core.code_places import CodePlace, Key, code_key, scheme_key
from alertcast.store.db import Tx
from alertcast.store.rows import chunks, new_id
from alertcast.store.schema import code_place, code_scheme


class SchemeFacts(TypedDict):
    """One imported scheme."""

    scheme: str  # as it was called at the import
    codes: int
    imported_at: datetime
    attribution: str


def import_scheme(
    tx: Tx,
    scheme: str,
    places: Sequence[CodePlace],
    *,
    sha256: str,
    attribution: str,
    now: datetime,
) -> bool:
    """Let `places` be all that is known of a scheme; False: the same were imported before.

    `sha256`: their `digest`.
    """
    key = scheme_key(scheme)
    old = tx.execute(select(code_scheme).where(code_scheme.c.key == key)).mappings().first()
    if old is not None:
        if old["sha256"] == sha256:
            return False
        tx.execute(delete(code_place).where(code_place.c.scheme_id == old["id"]))
        tx.execute(delete(code_scheme).where(code_scheme.c.id == old["id"]))
    values = {"key": key, "scheme": scheme, "sha256": sha256, "attribution": attribution}
    by_code: dict[str, list[CodePlace]] = {}
    for place in places:
        by_code.setdefault(code_key(scheme, place.code)[1], []).append(place)
    scheme_id = new_id(tx.execute(insert(code_scheme).values(imported_at=now, **values)))
    for part in chunks(by_code.items()):
        tx.execute(
            insert(code_place),
            [
                {
                    "scheme_id": scheme_id,
                    "code": code,
                    "name": found[0].name,
                    "geometry": shapely.to_wkb(shapely.union_all([one.geometry for one in found])),
                }
                for code, found in part
            ],
        )
    return True


def digest(places: Sequence[CodePlace], attribution: str) -> str:
    """Return what tells two imports apart: all that they hold, whatever files it came from."""
    said = [(one.code, one.name) for one in places]
    shapes = shapely.to_wkb([one.geometry for one in places])
    return sha256(repr((attribution, said)).encode() + b"".join(shapes)).hexdigest()


def learn(tx: Tx, found: Iterable[tuple[str, CodePlace]], now: datetime) -> None:
    """Keep places (scheme, place) that a source looked up, instead of what was known of them."""
    for scheme, place in found:
        key, code = code_key(scheme, place.code)
        row = tx.execute(select(code_scheme.c.id).where(code_scheme.c.key == key)).first()
        if row is None:
            values = {"key": key, "scheme": scheme, "sha256": "", "attribution": ""}
            scheme_id = new_id(tx.execute(insert(code_scheme).values(imported_at=now, **values)))
        else:
            scheme_id = int(row.id)
        same = code_place.c.scheme_id == scheme_id, code_place.c.code == code
        tx.execute(delete(code_place).where(*same))
        tx.execute(
            insert(code_place).values(
                scheme_id=scheme_id,
                code=code,
                name=place.name,
                geometry=shapely.to_wkb(place.geometry),
            )
        )


def shapes(tx: Tx, keys: Iterable[Key]) -> dict[Key, BaseGeometry]:
    """Return the shape of every code that is known; WGS 84 (lon, lat)."""
    wanted = set(keys)
    found: dict[Key, BaseGeometry] = {}
    rows = select(code_scheme.c.key, code_place.c.code, code_place.c.geometry).join(
        code_scheme, code_scheme.c.id == code_place.c.scheme_id
    )
    for part in chunks(sorted(wanted)):
        here = rows.where(
            code_scheme.c.key.in_({key for key, _ in part}),
            code_place.c.code.in_({code for _, code in part}),
        )
        for row in tx.execute(here):
            if (row.key, row.code) in wanted:
                found[row.key, row.code] = shapely.from_wkb(row.geometry)
    return found


def schemes(tx: Tx) -> list[SchemeFacts]:
    """Return the imported schemes by name."""
    rows = (
        select(code_scheme, func.count(code_place.c.id).label("codes"))
        .join(code_place, code_place.c.scheme_id == code_scheme.c.id)
        .group_by(code_scheme.c.id)
        .order_by(code_scheme.c.key)
    )
    return [
        SchemeFacts(
            scheme=row.scheme,
            codes=row.codes,
            imported_at=row.imported_at,
            attribution=row.attribution,
        )
        for row in tx.execute(rows)
    ]
