#!/bin/sh
# SPDX-License-Identifier: MIT
# The compiler as Kbuild sees it: gcc, with what the profiler needs added to compiles of kernel code and to nothing else.
# Before "$@", so that a file's own flags win. @SOURCE@ is the pristine tree, for debuggers; the rest comes from the environment,
# so that it is not part of the command lines that Kbuild compares.
case " $* " in
*" -D__KERNEL__ "*)
	exec gcc -O2 -g -ffunction-sections -fdata-sections -fpatchable-function-entry=5 -fno-omit-frame-pointer \
		-fdebug-prefix-map=../=@SOURCE@/ -fdebug-prefix-map="$PWD"=@SOURCE@ \
		${DDE_ARCH_DIR:+-fdebug-prefix-map=../arch/dde=$DDE_ARCH_DIR} \
		${DDE_MODULE_DIR:+-fdebug-prefix-map=../dde-module=$DDE_MODULE_DIR} "$@"
	;;
*)
	exec gcc "$@"
	;;
esac
