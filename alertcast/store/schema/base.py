"""What every table is made of: names of constraints, and the three sorts of columns."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[int]:
    """Make the column `id`, a number that the database gives each row."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def ref(name: str, to: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    """Make a column that names a row of the table `to`."""
    return Column(name, ForeignKey(f"{to}.id"), nullable=nullable, index=index)


def must(name: str, kind: object, **options: object) -> Column[object]:
    """Make a column that is never empty."""
    return Column(name, kind, nullable=False, **options)  # type: ignore[arg-type]
