"""recipe language: what saves, waits, collected records and limits need"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
    _versions()
    _sent_rows()
    _waits()
    _collected()
    _pairs()
    _answers()


def _versions() -> None:
    with op.batch_alter_table('recipe_versions') as versions:
        versions.add_column(sa.Column('number', sa.Integer(), nullable=False, server_default='0'))
        versions.add_column(sa.Column('beside', sa.JSON(), nullable=False, server_default='{}'))
        versions.add_column(sa.Column('saved_by', sa.String(length=200), nullable=False, server_default=''))
        versions.add_column(sa.Column('note', sa.Text(), nullable=False, server_default=''))
    kept = sa.table('recipe_versions', sa.column('id'), sa.column('recipe'), sa.column('number'))
    earlier = kept.alias()
    count = sa.select(sa.func.count()).where(earlier.c.recipe == kept.c.recipe, earlier.c.id <= kept.c.id)
    op.execute(sa.update(kept).values(number=count.scalar_subquery()))
    with op.batch_alter_table('recipe_versions') as versions:
        versions.drop_constraint(op.f('uq_recipe_versions_recipe'), type_='unique')
        versions.drop_column('digest')
        versions.create_unique_constraint(op.f('uq_recipe_versions_recipe'), ['recipe', 'number'])
        for name in ('number', 'beside', 'saved_by', 'note'):
            versions.alter_column(name, server_default=None)


def _sent_rows() -> None:
    op.create_table('sent_rows',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rows', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sent_rows'))
    )
    op.add_column('links', sa.Column('sent_in', sa.Integer(), nullable=True))


def _waits() -> None:
    op.create_table(
        'waits',
        sa.Column('recipe', sa.String(length=120), nullable=False),
        sa.Column('step', sa.String(length=80), nullable=False),
        sa.Column('record_key', sa.String(length=300), nullable=False),
        sa.Column('part', sa.String(length=300), nullable=False),
        sa.Column('state', sa.String(length=8), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('first_round', sa.Integer(), nullable=False),
        sa.Column('round', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('try_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('recipe', 'step', 'record_key', 'part', name=op.f('pk_waits')),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table('waits') as waits:
        waits.create_index('ix_waits_record', ['recipe', 'record_key'], unique=False)
        waits.create_index('ix_waits_state', ['state', 'due_at'], unique=False)


def _collected() -> None:
    op.create_table(
        'collected',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('recipe', sa.String(length=120), nullable=False),
        sa.Column('step', sa.String(length=80), nullable=False),
        sa.Column('record_key', sa.String(length=300), nullable=False),
        sa.Column('part', sa.String(length=300), nullable=False),
        sa.Column('value', sa.LargeBinary(), nullable=False),
        sa.Column('message', sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collected')),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table('collected') as collected:
        collected.create_index('ix_collected_step', ['recipe', 'step', 'message'], unique=False)
        collected.create_index('ix_collected_record', ['recipe', 'record_key'], unique=False)
def _pairs() -> None:
    op.create_table('pairs',
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('step', sa.String(length=80), nullable=False),
    sa.Column('target_id', sa.String(length=300), nullable=False),
    sa.Column('record_key', sa.String(length=300), nullable=False),
    sa.Column('mark', sa.String(length=80), nullable=True),
    sa.Column('sent_at', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('recipe', 'step', 'target_id', name=op.f('pk_pairs')),
    sqlite_with_rowid=False
    )


def _answers() -> None:
    op.add_column('deliveries', sa.Column('answer', sa.LargeBinary(), nullable=True))
    op.add_column('deliveries', sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True))
