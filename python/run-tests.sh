#!/usr/bin/env bash
# Lints and tests the Python package in a virtual environment outside of the checkout, made once a machine and anew when
# what it needs changes. Ends with a line "N passed, N failed, N skipped". Where the packages cannot be had, that is one
# check skipped, by name. Arguments are pytest's. DEEPVIEW_PYTHON_HOME says where the environment is kept.
set -euo pipefail
cd "$(dirname "$0")"

home=${DEEPVIEW_PYTHON_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/deepview-tui/python}
passed=0
failed=0
skipped=0

end() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
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

if ! python=$(find_python); then
  echo 'skipped: the Python package (there is no Python from 3.10 on with venv)'
  skipped=1
  end
fi

wanted=$(cat tests/requirements.txt pyproject.toml; "$python" --version)
if [ ! -x "$home/bin/python" ] || [ "$(cat "$home/made-of" 2>/dev/null)" != "$wanted" ]; then
  mkdir -p "$home"
  if ! { "$python" -m venv --clear "$home" && "$home/bin/pip" install -q -r tests/requirements.txt; } >&2; then
    echo 'skipped: the Python package (what its tests need cannot be installed)'
    skipped=1
    end
  fi
  printf '%s\n' "$wanted" >"$home/made-of"
fi
# Tests run what lies in this checkout.
"$home/bin/pip" install -q --no-deps --no-build-isolation -e . >&2

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

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
"$home/bin/python" -m pytest -q --junitxml="$report" "$@" || status=$?
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
