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

status=0
for format in sarif junit; do
	case $format in sarif) file=$out/$name.sarif ;; junit) file=$out/$name.junit.xml ;; esac
	# The second run takes seconds: the build is there. Each format is of a run of its own, so a fault that comes and goes may
	# be in one of them only; either makes the job fail.
	# shellcheck disable=SC2086 # $known is two words or none
	${DDE_PROFILE:-dde-profile} check "$driver" --with "${CHECKERS:-all}" --findings-format $format -o "$file" $known -- "$@"
	code=$?
	[ $code -gt $status ] && status=$code
done
exit $status
