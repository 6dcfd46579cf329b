#!/bin/sh
# Runs the tests, records every envelope that arrives, and feeds them to Sentry's own ingestion.
#
# Needs Python 3 and the package index. Usage: scripts/check-envelopes.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet sentry-relay==0.10.1
cd "$here/.."
SENTRY_LAMBDA_RECORD="$work/envelopes" cargo test --all-features --test it -- --test-threads=1 --skip thousand
"$work/venv/bin/python" "$here/check_envelopes.py" "$work/envelopes"
