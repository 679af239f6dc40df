"""connectors: what apps said of their fields"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
    _live_fields()


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
