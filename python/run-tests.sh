#!/usr/bin/env bash
# Lints and tests the Python package in a virtual environment outside of the checkout, which all checkouts of a machine
# share: made once, and anew when what it needs changes. Ends with a line "N passed, N failed, N skipped". Where it cannot
# be made, that is one check skipped, by name. Arguments are pytest's. DEEPVIEW_PYTHON_HOME says where it is kept.
set -euo pipefail
cd "$(dirname "$0")"

home=${DEEPVIEW_PYTHON_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/deepview-tui/python}
# Seconds from the start until the environment must be there, until the last test begins, and until one that hangs ends.
made_by=600
begun_by=840
over_by=1080
# Kibibytes that are needed while it is made: itself, and what was downloaded.
room=10000000
passed=0
failed=0
skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

end() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

skip() {
  echo "skipped: the Python package ($1)"
  skipped=1
  end
}

# A Python that is new enough and can make an environment.
find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

limit=(timeout --kill-after=10)
# A person's ctrl-c must reach what runs.
[ ! -t 0 ] || limit+=(--foreground)

# Runs a command until a time in seconds from the start.
until_time() {
  local left=$(($1 - SECONDS))
  shift
  "${limit[@]}" "$((left > 1 ? left : 1))" "$@"
}

is_made() { [ -x "$home/bin/python" ] && [ "$(cat "$home/made-from" 2>/dev/null)" = "$wanted" ]; }

# Makes the environment, or leaves nothing of it: half of one is gigabytes that the disk may not have.
make_environment() {
  if [ -n "$(ls -A "$home" 2>/dev/null)" ] && [ ! -e "$home/pyvenv.cfg" ]; then
    skip "$home holds something else than its environment"
  fi
  rm -rf "$home"
  if [ "$(df -Pk "$(dirname "$home")" | awk 'NR == 2 { print $4 }')" -lt "$room" ]; then
    skip "its environment needs $((room / 1000000)) GB of room in $(dirname "$home")"
  fi
  # A package without a wheel for this Python would be compiled, for hours.
  if ! {
    until_time "$made_by" "$python" -m venv "$home" && mkdir "$home/tmp" &&
      TMPDIR="$home/tmp" until_time "$made_by" "$home/bin/pip" install -q --no-cache-dir --only-binary :all: \
        --retries 2 --timeout 20 -r tests/requirements.txt
  } >&2; then
    rm -rf "$home"
    skip 'what its tests need cannot be installed'
  fi
  rm -rf "$home/tmp"
  printf '%s\n' "$wanted" >"$home/made-from"
}

python=$(find_python) || skip 'there is no Python from 3.10 on with venv'
wanted=$(cat tests/requirements.txt; "$python" --version)

{ mkdir -p "$(dirname "$home")" && exec 9>>"$home.lock"; } 2>/dev/null || skip "$(dirname "$home") cannot be written"
# Those that test share the environment; one that makes it anew has it alone.
while
  until_time "$made_by" flock --shared 9 || skip 'another run makes its environment'
  ! is_made
do
  until_time "$made_by" flock --exclusive 9 || skip 'another run uses an environment of other packages'
  is_made || make_environment
done

check() {
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $*"
  fi
}

check "$home/bin/ruff" check --quiet src tests
check "$home/bin/ruff" format --check --quiet src tests
check "$home/bin/mypy" --no-error-summary src

# Tests run what this checkout installs, beside the environment: another checkout's tests may be running in it.
if ! "$home/bin/pip" install -q --no-deps --no-build-isolation --target "$work/site" . >&2; then
  echo 'FAILED: the package cannot be built'
  failed=$((failed + 1))
  end
fi
export PYTHONPATH="$work/site"

report="$work/report.xml"
status=0
export DEEPVIEW_PYTHON_UNTIL=$(($(date +%s) - SECONDS + begun_by))
until_time "$over_by" "$home/bin/python" -m pytest -q --no-fold-skipped --junitxml="$report" "$@" || status=$?
[ "$status" -ne 124 ] || echo "FAILED: the tests were not over after $over_by s"
if ! counts=$("$home/bin/python" - "$report" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

total, bad, skipped = 0, 0, 0
for suite in tree.parse(sys.argv[1]).iter("testsuite"):
    total += int(suite.get("tests"))
    bad += int(suite.get("failures")) + int(suite.get("errors"))
    skipped += int(suite.get("skipped"))
print(total - bad - skipped, bad, skipped)
PYTHON
); then
  failed=$((failed + 1))
  end
fi
read -r good bad left <<<"$counts"
passed=$((passed + good))
failed=$((failed + bad))
skipped=$((skipped + left))
if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then failed=$((failed + 1)); fi
end
