"""main job: less is written for a record"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
    _links()


def _links() -> None:
    # Each record of a quiet night moved in it; a report that lists those reads most links anyway.
    op.drop_index('ix_links_recipe_run', 'links')


def downgrade() -> None:
    op.create_index('ix_links_recipe_run', 'links', ['recipe', 'run_id'])
