"""Which of the two runs a test belongs to, where once is enough; the other run leaves it out."""

import pytest

# Does not depend on the database: runs with SQLite.
once = pytest.mark.once
on_sqlite = pytest.mark.on_sqlite
on_postgresql = pytest.mark.on_postgresql
