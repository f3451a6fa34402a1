"""An import that kills itself before its N-th SQL statement: `python -m tests.leads.killed_import N COMMAND ...`.

N = 0 lets it live. Batches are small, so that a small file has many of them.
"""

import os
import signal
import sys
from typing import Any

import django


def main(last: int, arguments: list[str]) -> None:
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from leadqual.leads.importing import running, staging

    running.BATCH, staging.SIZE = 25, 40
    count = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        call_command(*arguments)
    print(count, file=sys.stderr)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
