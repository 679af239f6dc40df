"""recipe language: what saves, waits, collected records and limits need"""

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One function an area, as in 0002."""
