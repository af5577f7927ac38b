#!/bin/sh
# SPDX-License-Identifier: MIT
# The compiler as Kbuild sees it: gcc, with what the profiler needs added to compiles of kernel code and to nothing else.
# Before "$@", so that a file's own flags win. @SOURCE@ is the pristine tree, for debuggers; the rest comes from the environment,
# so that it is not part of the command lines that Kbuild compares.
case " $* " in
*" -D__KERNEL__ "*) ;;
*) exec gcc "$@" ;;
esac
# A module's folder: DDE_MODULE_COPY is what Kbuild sees, DDE_MODULE_DIR what the user knows. Nothing is written outside the copy.
if [ -n "$DDE_MODULE_COPY" ]; then
	prev=
	for arg in "$@"; do
		if [ "$prev" = -o ]; then
			case "$(cd -P "$(dirname "$arg")" && pwd -P)/" in
			"$DDE_MODULE_COPY"/* | */obj/*) ;;
			*)
				echo "$arg: error: the object would be written outside the module's folder" >&2
				exit 1
				;;
			esac
		fi
		prev=$arg
	done
	# What a user's editor warns of, and what a build on the user's machine has.
	set -- "-fdebug-prefix-map=$DDE_MODULE_COPY=" "-fdebug-prefix-map=$DDE_MODULE_CHAIN=$DDE_MODULE_DIR" \
		"-fmacro-prefix-map=$DDE_MODULE_COPY=" "-fmacro-prefix-map=$DDE_MODULE_CHAIN=$DDE_MODULE_DIR" "$@"
fi
[ -z "$DDE_ARCH_DIR" ] || set -- "-fdebug-prefix-map=../arch/dde=$DDE_ARCH_DIR" "$@"
exec gcc -O2 -g -ffunction-sections -fdata-sections -fpatchable-function-entry=5 -fno-omit-frame-pointer \
	-fdebug-prefix-map=../=@SOURCE@/ -fdebug-prefix-map="$PWD"=@SOURCE@ "$@"
