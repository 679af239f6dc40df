"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('connections',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('connector', sa.String(length=80), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.LargeBinary(), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('practice', sa.Boolean(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_connections'))
    )
    op.create_table('cursors',
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('trigger', sa.String(length=200), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('recipe', 'trigger', name=op.f('pk_cursors'))
    )
    op.create_table('ledger',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('record_key', sa.String(length=300), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('target_id', sa.String(length=300), nullable=True),
    sa.Column('code', sa.String(length=60), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('how_to_fix', sa.Text(), nullable=True),
    sa.Column('step', sa.String(length=80), nullable=True),
    sa.Column('field', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger'))
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_run_record', ['run_id', 'record_key'], unique=False)

    op.create_table('links',
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('step', sa.String(length=80), nullable=False),
    sa.Column('record_key', sa.String(length=300), nullable=False),
    sa.Column('target_id', sa.String(length=300), nullable=True),
    sa.Column('fingerprint', sa.LargeBinary(length=16), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('result', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('recipe', 'step', 'record_key', name=op.f('pk_links')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.create_index('ix_links_recipe_run', ['recipe', 'run_id'], unique=False)

    op.create_table('open_problems',
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('record_key', sa.String(length=300), nullable=False),
    sa.Column('first_run_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('recipe', 'record_key', name=op.f('pk_open_problems')),
    sqlite_with_rowid=False
    )
    op.create_table('recipe_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipe_versions')),
    sa.UniqueConstraint('recipe', 'digest', name=op.f('uq_recipe_versions_recipe'))
    )
    op.create_table('recipes',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_recipes'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email'))
    )
    op.create_table('runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipe', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=20), nullable=False),
    sa.Column('origin_key', sa.String(length=200), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('nouns', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('hint', sa.Text(), nullable=False),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('fixed', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.String(length=120), nullable=False),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['runs.id'], name=op.f('fk_runs_parent_id')),
    sa.ForeignKeyConstraint(['version_id'], ['recipe_versions.id'], name=op.f('fk_runs_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs')),
    sa.UniqueConstraint('origin_key', name=op.f('uq_runs_origin_key'))
    )
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_runs_recipe'), ['recipe'], unique=False)

    op.create_table('run_log',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_run_log_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_log'))
    )
    with op.batch_alter_table('run_log', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_run_log_run_id'), ['run_id'], unique=False)




def downgrade() -> None:

    with op.batch_alter_table('run_log', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_run_log_run_id'))

    op.drop_table('run_log')
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_runs_recipe'))

    op.drop_table('runs')
    op.drop_table('users')
    op.drop_table('recipes')
    op.drop_table('recipe_versions')
    op.drop_table('open_problems')
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.drop_index('ix_links_recipe_run')

    op.drop_table('links')
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_run_record')

    op.drop_table('ledger')
    op.drop_table('cursors')
    op.drop_table('connections')

