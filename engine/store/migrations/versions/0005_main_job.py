"""main job: less is written for a record"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
    _links()
    _messages()


def _links() -> None:
    # Each record of a quiet night moved in it; a report that lists those reads most links anyway.
    op.drop_index('ix_links_recipe_run', 'links')


def _messages() -> None:
    # Messages made of many records are counted beside these, for nobody read them anywhere.
    op.add_column('runs', sa.Column('messages', sa.JSON(), server_default='{}', nullable=False))
    op.add_column('ledger', sa.Column('message', sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column('ledger', 'message')
    op.drop_column('runs', 'messages')
    op.create_index('ix_links_recipe_run', 'links', ['recipe', 'run_id'])
