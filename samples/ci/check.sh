#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks a driver and writes out/DRIVER.sarif and out/DRIVER.junit.xml. Usage: check.sh DRIVER [WORKLOAD...]
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

# shellcheck disable=SC2086 # $known is two words or none
exec ${DDE_PROFILE:-dde-profile} check "$driver" --with "${CHECKERS:-all}" --save "sarif=$out/$name.sarif" \
	--save "junit=$out/$name.junit.xml" --findings-format "${FORMAT:-text}" $known -- "$@"
