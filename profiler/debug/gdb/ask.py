# SPDX-License-Identifier: MIT
"""Makes a gdb command of a question."""
import gdb

from . import settings
from .access import Kernel
from .lists import Broken


def command(name, question, text, kind=gdb.COMMAND_DATA):
    """A command that takes words, `--json` among them. question(kernel, words) returns an Answer; text is the help."""

    class Ask(gdb.Command):
        __doc__ = text

        def __init__(self):
            super().__init__(name, kind, gdb.COMPLETE_EXPRESSION)

        def invoke(self, argument, from_tty):
            settings.need_process()
            words = gdb.string_to_argv(argument)
            as_json = "--json" in words
            try:
                answer = question(Kernel(), [word for word in words if word != "--json"])
            except Broken as fault:
                raise gdb.GdbError("%s: %s" % (name, fault)) from None
            except AttributeError as fault:
                raise gdb.GdbError("%s: this kernel keeps it differently: %s" % (name, fault)) from None
            gdb.write(answer.as_json() + "\n" if as_json else answer.as_text())

    return Ask()


def no_words(name, words):
    if words:
        raise gdb.GdbError("%s: unexpected argument %s (help %s)" % (name, words[0], name))
