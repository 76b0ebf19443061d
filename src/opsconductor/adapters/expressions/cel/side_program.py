"""The program of the process beside: one job on standard input, one answer on standard output, then the end."""

import json
import sys

from opsconductor.adapters.expressions.cel.library import compiled, executed
from opsconductor.adapters.expressions.cel.side_process import READY
from opsconductor.domain.errors import BadInput
from opsconductor.ports.expressions import Evaluation


def main() -> int:
    """Says that it is ready once the library is loaded, so that only the evaluation itself is timed."""
    compiled("true")
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    expression, names = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(answer(expression, names))
    return 0


def answer(expression: str, names: dict[str, object]) -> bytes:
    """[value, missing, fault] as JSON."""
    try:
        evaluation = executed(compiled(expression), names)
    except BadInput as error:
        evaluation = Evaluation(value=None, fault=error.message)
    return json.dumps([evaluation.value, evaluation.missing, evaluation.fault]).encode()


if __name__ == "__main__":
    sys.exit(main())
