# SPDX-License-Identifier: MIT
"""What `dde-profile drgn` runs: drgn -q --pid N | --core FILE main.py [--json] [-e CODE]... [SCRIPT ARG...]

Without code and script it is interactive. `prog` is drgn's program; `kernel`, and the questions below, are ours.
"""
import ast
import importlib
import json
import os
import sys
import types

import drgn

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
package = types.ModuleType("dde")
package.__path__ = [HERE, os.path.join(HERE, "..", "questions")]
sys.modules["dde"] = package

QUESTIONS = (
    ("devices", "devices", "devices", "PCI devices with drivers and BARs"),
    ("irqs", "irqs", "irqs", "interrupts: handlers, counts, states"),
    ("softirq", "irqs", "softirq", "softirqs and ksoftirqd"),
    ("napi", "napi", "napi", "NAPI contexts, and which sleeps with work left"),
    ("dma", "dma", "dma", "live DMA mappings with call sites; dma(by_site=True) sums up"),
    ("timers", "timers", "timers", "pending timers"),
    ("work", "timers", "work", "work items"),
    ("locks", "locks", "locks", "held mutexes and rw_semaphores, and who waits"),
    ("skb", "skbs", "queues", "packet queues"),
    ("findings", "findings", "findings", "what is wrong at this moment"),
    ("rings", "rings", "rings", "the driver's descriptor rings"),
    ("threads", "threads_of", "threads", "the kernel's threads and their states"),
    ("log", "log_of", "log", "the kernel's log"),
)


def question(kernel, manifest, module, name, text):
    function = getattr(importlib.import_module("dde." + module), name)

    def ask(*args, **named):
        if name == "rings":
            return Shown(function(kernel, manifest))
        return Shown(function(kernel, *args, **named))

    ask.__doc__ = text
    return ask


class Shown:
    """An answer that shows itself as a table at the prompt. .rows is what a script reads."""

    def __init__(self, answer):
        self.answer = answer
        self.rows = answer.rows
        self.notes = answer.notes

    def __repr__(self):
        return self.answer.as_text().rstrip("\n")

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, Shown):
        return json.loads(value.answer.as_json())
    if isinstance(value, drgn.Object):
        try:
            return value.value_() if not isinstance(value.value_(), (dict, list)) else str(value)
        except drgn.FaultError as fault:
            return str(fault)
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    return str(value)


def run_code(text, names):
    """Runs statements; returns the value of the last one when it is an expression."""
    tree = ast.parse(text, "-e")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "-e", "exec"), names)
    return eval(compile(ast.Expression(last.value), "-e", "eval"), names) if last is not None else None


def arguments(argv):
    codes, as_json = [], False
    while argv and argv[0] in ("-e", "--json"):
        if argv.pop(0) == "--json":
            as_json = True
        else:
            codes.append(argv.pop(0))
    return codes, as_json, argv


def show(value, as_json, results):
    if as_json:
        results.append(plain(value))
    elif value is not None:
        print(value if not isinstance(value, str) else value)


def interactive(names):
    import code
    import readline
    import rlcompleter

    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")
    lines = ["%-10s %s" % (name + "()", text) for name, _, _, text in QUESTIONS]
    banner = "drgn on a driver process: prog[NAME], Object, cast, container_of ... and\n  " + "\n  ".join(lines)
    code.interact(banner=banner, exitmsg="", local=names)


def main(prog):
    executable = os.environ.get("DDE_EXECUTABLE")
    manifest = {}
    try:
        with open(os.path.join(os.path.dirname(executable or ""), "manifest.json")) as file:
            manifest = json.load(file)
    except (OSError, ValueError):
        pass
    kernel = importlib.import_module("dde.access").Kernel(prog, executable)
    names = {"__name__": "__main__", "prog": prog, "kernel": kernel, "drgn": drgn}
    for name in ("NULL", "Object", "cast", "container_of", "offsetof", "reinterpret", "sizeof"):
        names[name] = getattr(drgn, name)
    for name, module, function, text in QUESTIONS:
        names[name] = question(kernel, manifest, module, function, text)
    codes, as_json, rest = arguments(sys.argv[1:])
    results = []
    try:
        for text in codes:
            try:
                show(run_code(text, names), as_json, results)
            except Exception as fault:
                sys.exit("drgn: -e %s: %s: %s" % (text, type(fault).__name__, fault))
        if rest:
            sys.argv = rest
            with open(rest[0]) as file:
                exec(compile(file.read(), rest[0], "exec"), dict(names, __file__=rest[0]))
    finally:
        if as_json:
            print(json.dumps(results[0] if len(results) == 1 else results))
    if not codes and not rest:
        interactive(names)


main(prog)  # noqa: F821 (drgn gives it)
