#!/bin/sh
# What ./run and ./test share: making .venv from the locked requirements, once.
#   setup.sh stamp   base|dev ROOT     print what the installed state depends on; ROOT/.venv/stamp-* keeps a copy
#   setup.sh install base|dev ROOT     make or renew ROOT/.venv (safe to start several times at once)
# Everything it writes is below ROOT. Messages go to standard error; ROOT/.venv-setup.log keeps the details.
set -u
action=$1 level=$2 root=$3

if [ "$action" = stamp ]; then
    printf '%s\n' "$root"
    exec cat "$root/requirements/setup.sh" "$root/requirements/$level.txt" "$root/pyproject.toml"
fi

me=./run
[ "$level" = base ] || me=./test
venv=$root/.venv
log=$root/.venv-setup.log
tools=$root/.tools

say() { printf '%s\n' "$me: $*" >&2; }
die() {
    say "$1"
    say "remedy: $2"
    exit 1
}
current() { [ -x "$venv/bin/python" ] && sh "$0" stamp "$level" "$root" 2>/dev/null | cmp -s - "$venv/stamp-$level"; }

# The first Python that is new enough.
find_python() {
    oldest=
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        [ -n "$name" ] && found=$(command -v "$name") || continue
        case $found in "$venv"/*) continue ;; esac
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$found"
            return
        fi
        oldest="${oldest:+$oldest, }$("$name" -V 2>&1) ($name)"
    done
    die "Python 3.11 or later is needed; found ${oldest:-none}." \
        "install one (Debian, Ubuntu: apt-get install python3; macOS: brew install python), or set PYTHON=/path/to/python3."
}

# Run a command with its output in the log; a person at a terminal also sees it as it comes.
logged() {
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1
}
last_error() { grep -iE 'error|failed|unable|no space|denied|×|├|╰' "$log" | tail -n 1 | sed 's/^[ ×├╰─▶│]*//' | cut -c 1-200; }
cannot() { die "$1: $(last_error)" "$2 The details are in $log."; }

# uv installs the lock in seconds where pip takes a minute. It comes from its own lock, by whatever this Python has.
fetch_uv() {
    uv=$venv/bin/uv
    [ ! -x "$uv" ] || return 0
    uv=$tools/uv/bin/uv
    if [ -x "$uv" ] && cmp -s "$root/requirements/bootstrap.txt" "$tools/uv/bootstrap.txt"; then return 0; fi
    rm -rf "$tools/uv"
    if "$python" -m pip --version >>"$log" 2>&1; then
        pip_python=$python
    elif logged "$python" -m venv "$tools/pip"; then
        pip_python=$tools/pip/bin/python
    elif uv=$(command -v uv); then
        return 0
    else
        die "$python has neither pip nor venv, so nothing can be installed." \
            "install one of them (Debian, Ubuntu: apt-get install python3-venv) and start again."
    fi
    PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 logged "$pip_python" -m pip install --disable-pip-version-check --no-input --no-cache-dir \
        --require-hashes --only-binary :all: --target "$tools/uv" -r "$root/requirements/bootstrap.txt" ||
        cannot "cannot download uv, the installer" "connect to the network, or set PIP_INDEX_URL (and https_proxy) to your package index."
    cp "$root/requirements/bootstrap.txt" "$tools/uv/bootstrap.txt"
}

# uv reads neither pip's index nor pip's certificate: hand them on. Like pip it trusts what the system trusts.
index_settings() {
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null)}
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    fi
    if [ -z "${SSL_CERT_FILE:-}" ] && [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="$PIP_CERT"; fi
    for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
        [ ! -s "$bundle" ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
    done
}

install() {
    : >"$log" || die "cannot write to $root." "clone the repository to a folder that is yours."
    python=$(find_python) || exit 1
    say "setting up with $("$python" -V), about a minute, once (log: .venv-setup.log)"
    mkdir -p "$tools" || die "cannot write to $root." "clone the repository to a folder that is yours."
    # A complete .venv of this folder gets the difference; a half-made or moved one is made anew.
    made_for=
    [ ! -x "$venv/bin/python" ] || [ ! -f "$venv/stamp-base" ] || read -r made_for <"$venv/stamp-base"
    [ "$made_for" = "$root" ] || rm -rf "$venv"
    say "1/3 fetching the installer"
    fetch_uv
    index_settings
    [ -n "${UV_CACHE_DIR:-}" ] || export UV_CACHE_DIR="$tools/cache"
    export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
    unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV CONDA_PREFIX
    if [ ! -d "$venv" ]; then
        # The real path: when the system's Python is replaced, .venv/bin/python dangles and the next start renews it.
        real=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
        logged "$uv" venv --python "$real" "$venv" || cannot "cannot make .venv" "look at the last line above."
    fi
    rm -f "$venv/stamp-base" "$venv/stamp-dev"
    say "2/3 installing $(grep -c '^[A-Za-z]' "$root/requirements/$level.txt") packages"
    if [ "$level" = base ]; then
        set -- "$uv" pip install -r "$root/requirements/base.txt"
    else
        set -- "$uv" pip sync "$root/requirements/dev.txt"
    fi
    logged "$@" --require-hashes --python "$venv/bin/python" --compile-bytecode ||
        cannot "cannot install the locked packages" "connect to the network (or make room on the disk) and start again."
    say "3/3 installing opsconductor"
    logged "$uv" pip install --python "$venv/bin/python" --no-deps --no-build-isolation --offline \
        --reinstall-package opsconductor --editable "$root" ||
        cannot "cannot install opsconductor" "look at the last line above."
    # Last, so that a stamp means: complete. dev.txt holds all of base.txt.
    [ "$level" = base ] || sh "$0" stamp dev "$root" >"$venv/stamp-dev"
    sh "$0" stamp base "$root" >"$venv/stamp-base"
    rm -rf "$tools"
}

if [ "$action" = install ]; then
    # The lock is the kernel's and ends with this process, however it ends. Whoever waited finds the work done.
    python=$(find_python) || exit 1
    exec "$python" -c '
import fcntl, os, sys
try:
    lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"{sys.argv[2]}: another set-up is running here; waiting for it", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)
except OSError as error:
    sys.exit(f"{sys.argv[2]}: cannot lock {sys.argv[1]}: {error.strerror}.\n"
             f"{sys.argv[2]}: remedy: use a clone in a folder that is yours, on a local disk.")
os.execv("/bin/sh", ["/bin/sh", sys.argv[3], "locked", *sys.argv[4:]])
' "$root/.venv-setup.lock" "$me" "$0" "$level" "$root"
fi

current || install
