"""set and forget: execution, schedules, webhooks, notices, questions, budgets"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _execution()
    _connections()
    _schedules()
    _hooks()
    _notices()
    _questions()
    _budgets()
    _intents()


def _execution() -> None:
    op.create_table('workers',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workers'))
    )
    op.create_table('duties',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_duties'))
    )
    op.create_table('chunks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('worker', sa.String(length=32), nullable=False),
    sa.Column('records', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chunks'))
    )
    op.create_index('ix_chunks_run_worker', 'chunks', ['run_id', 'worker'])


def _connections() -> None:
    pass


def _schedules() -> None:
    pass


def _hooks() -> None:
    pass


def _notices() -> None:
    pass


def _questions() -> None:
    pass


def _budgets() -> None:
    pass


def _intents() -> None:
    pass
