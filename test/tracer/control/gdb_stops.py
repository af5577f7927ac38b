# SPDX-License-Identifier: MIT
"""Run by gdb.test.ts inside of gdb after gdb_frames.py: walks stacks of gdb_target and prints one line a stop.

$mode: step = single steps with tracing on; on, off = the stack at each breakpoint, with tracing on or off; random-on, random-off =
the same at instructions chosen by chance, 1,000 stops.
"""
import gdb
import random

MODE = gdb.parse_and_eval("$mode").string()
RANDOM_STOPS = 1000
FUNCTIONS = (
    "leaf outer tail_a tail_b recurse jumper catcher after_jump switcher api_add driver_calls driver_tail tour yield_cpu"
).split()


def stack():
    names = []
    for frame in frames():
        name = frame.name()
        names.append(name or ("plt" if ".plt" in where(frame.pc()) else "??"))
        if name in ("main", "second"):
            break
    return names


def where(pc):
    return gdb.execute("info symbol %d" % pc, to_string=True) + section(pc)


def section(pc):
    for row in gdb.execute("info files", to_string=True).splitlines():
        words = row.split()
        if len(words) >= 5 and words[1] == "-" and int(words[0], 16) <= pc < int(words[2], 16):
            return words[4]
    return ""


def line():
    try:
        return " ".join(stack())
    except gdb.error as error:
        return "error " + str(error)


def report(text):
    out.write(text + "\n")


def instructions():
    """All but those that tracing replaces: the nops at a function's start."""
    found = []
    for name in FUNCTIONS:
        symbol = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
        if symbol is None:
            continue
        block = gdb.block_for_pc(int(symbol.value().address))
        rows = gdb.selected_inferior().architecture().disassemble(block.start, block.end - 1)
        found += [row["addr"] for row in rows if not row["asm"].startswith(("nop", "endbr", "jmp    0x"))]
    return found


out = open(gdb.parse_and_eval("$out").string(), "w")
gdb.execute("set pagination off")
gdb.execute("set confirm off")
if MODE == "step":
    gdb.execute("break here")
    gdb.execute("run on")
    gdb.execute("continue")
    gdb.execute("delete")
    gdb.execute("set scheduler-locking step")
    for _ in range(1200):
        gdb.execute("stepi", to_string=True)
        report(line())
elif MODE.startswith("random"):
    gdb.execute("break here")
    gdb.execute("run %s 1000" % MODE[len("random-") :])
    gdb.execute("continue")
    gdb.execute("delete")
    addresses = instructions()
    chosen = random.Random(1)
    for _ in range(RANDOM_STOPS // 10):
        # Few at a time, so that different places follow each other.
        points = [gdb.Breakpoint("*%d" % at) for at in chosen.sample(addresses, 4)]
        for _ in range(10):
            gdb.execute("continue", to_string=True)
            pc = gdb.newest_frame().pc()
            report("%s +%d" % (line(), pc - gdb.block_for_pc(pc).start))
        for point in points:
            point.delete()
    gdb.execute("kill")
else:
    # One breakpoint before the sites are patched, one after.
    gdb.execute("break here")
    gdb.execute("break leaf")
    gdb.execute("run " + MODE)
    gdb.execute("continue")
    gdb.execute("break api_add")
    while True:
        try:
            gdb.execute("continue", to_string=True)
            report(line())
        except gdb.error:
            break  # the program has ended
out.close()
