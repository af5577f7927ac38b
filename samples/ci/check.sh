#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks a driver and writes out/DRIVER.sarif and out/DRIVER.junit.xml. Usage: check.sh DRIVER [WORKLOAD...]
# COVERAGE: a folder, to count what of the driver runs; FAIL_UNDER: percent of its lines.
# CHECKERS: which of the kernel's checkers (dde-profile check --help); OUT: the folder; DDE_PROFILE: the command.
set -u
driver=${1:?usage: check.sh DRIVER [WORKLOAD...]}
shift
[ $# -gt 0 ] || set -- ping + rebind
out=${OUT:-out}
name=$(basename "$driver")
mkdir -p "$out"
known=
[ -f "$out/known.json" ] && known="--baseline $out/known.json"
count=
[ -n "${COVERAGE:-}" ] && count="--coverage $COVERAGE --fail-under ${FAIL_UNDER:-0}"

# shellcheck disable=SC2086 # $known and $count are words or nothing
exec ${DDE_PROFILE:-dde-profile} check "$driver" --with "${CHECKERS:-all}" --save "sarif=$out/$name.sarif" \
	--save "junit=$out/$name.junit.xml" --findings-format "${FORMAT:-text}" $known $count -- "$@"
