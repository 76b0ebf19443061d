# Every command beside ./run and ./test, one line each. `just` lists them; each line also works pasted into a shell at the root.

uv_compile := "../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'just lock'"

# list the commands
default:
    @just --list

# format the code and mend what lint can mend
format:
    .venv/bin/ruff check --fix . ; .venv/bin/ruff format .

# lint, types and import contracts without the tests
check:
    .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

# resolve requirements/*.in to locks with hashes; add --upgrade to take newer versions
lock *ARGS:
    cd requirements && {{uv_compile}} {{ARGS}} bootstrap.in -o bootstrap.txt && {{uv_compile}} {{ARGS}} base.in -o base.txt && {{uv_compile}} {{ARGS}} -c base.txt postgres.in -o postgres.txt && {{uv_compile}} {{ARGS}} -c base.txt -c postgres.txt dev.in -o dev.txt

# put the fragments of changes/ into CHANGELOG.md under VERSION
changelog VERSION:
    .venv/bin/towncrier build --version {{VERSION}}

# what a wheel would hold
wheel:
    .venv/bin/python -m hatchling build -t wheel -d dist && .venv/bin/python -m zipfile -l dist/*.whl

# the size of the installed environment in MB
size:
    @du -sm .venv
