"""connectors: what apps said of their fields, what their records look like, what is declared"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
    _live_fields()
    _drift()


def _live_fields() -> None:
    op.create_table(
        'live_fields',
        sa.Column('connection', sa.String(length=80), nullable=False),
        sa.Column('asked', sa.String(length=80), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('parameters', sa.JSON(), nullable=False),
        sa.Column('schema', sa.JSON(none_as_null=True), nullable=True),
        sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('problem', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('connection', 'asked', 'digest', name=op.f('pk_live_fields')),
    )


def _drift() -> None:
    op.create_table(
        'shapes',
        sa.Column('connection', sa.String(length=80), nullable=False),
        sa.Column('operation', sa.String(length=200), nullable=False),
        sa.Column('parameters', sa.String(length=200), nullable=False),
        sa.Column('shape', sa.JSON(), nullable=False),
        sa.Column('records', sa.Integer(), nullable=False),
        sa.Column('first_seen', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_seen', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('connection', 'operation', 'parameters', name=op.f('pk_shapes')),
    )
    op.create_table(
        'field_changes',
        sa.Column('connection', sa.String(length=80), nullable=False),
        sa.Column('operation', sa.String(length=200), nullable=False),
        sa.Column('parameters', sa.String(length=200), nullable=False),
        sa.Column('path', sa.String(length=300), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            'connection', 'operation', 'parameters', 'path', name=op.f('pk_field_changes')
        ),
    )
    op.create_table(
        'declarations',
        sa.Column('connector', sa.String(length=80), nullable=False),
        sa.Column('version', sa.String(length=80), nullable=False),
        sa.Column('declared', sa.JSON(), nullable=False),
        sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('connector', name=op.f('pk_declarations')),
    )
