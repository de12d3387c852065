"""A user may have several accounts at one source, each with a name."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = (
    "id, user_id, source, type, identity, person, options, credential_id, state, failures, last_ok, last_error, "
    "next_due, created, wrote"
)


def upgrade() -> None:
    """The accounts of before have no name. SQLite cannot change what is unique in a table: it gets a new one."""
    if op.get_bind().dialect.name != "sqlite":
        op.add_column("accounts", sa.Column("name", sa.String(64), nullable=False, server_default=""))
        op.alter_column("accounts", "name", server_default=None)
        op.add_column("accounts", sa.Column("first_name", sa.Text(), nullable=True))
        op.drop_constraint("uq_accounts_user_id_source", "accounts")
        op.create_unique_constraint("uq_accounts_user_id_source_name", "accounts", ["user_id", "source", "name"])
        return
    op.create_table(
        "named_accounts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=True),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("credential_id", _NUMBER, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ok", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_due", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("wrote", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["credential_id"], ["credentials.id"], name="fk_accounts_credential_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_accounts_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("user_id", "source", "name", name="uq_accounts_user_id_source_name"),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO named_accounts ({_KEPT}, name) SELECT {_KEPT}, '' FROM accounts")  # noqa: S608 - our own words
    # so that no later account gets the number of one that was removed
    op.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'named_accounts', 0 "
        "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'named_accounts')"
    )
    op.execute(
        "UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'accounts'), 0) "
        "WHERE name = 'named_accounts'"
    )
    op.drop_table("accounts")  # an upgrade enforces no foreign keys: nothing goes with it
    op.rename_table("named_accounts", "accounts")
    op.create_index("ix_accounts_credential_id", "accounts", ["credential_id"])
    op.create_index("ix_accounts_next_due", "accounts", ["next_due"])
    op.create_index(
        "uq_accounts_shared_source", "accounts", ["source"], unique=True, sqlite_where=sa.text("user_id IS NULL")
    )
