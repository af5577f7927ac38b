# SPDX-License-Identifier: MIT
"""Run by gdb.test.ts inside of gdb: walks stacks of gdb_target and prints one line a stop.

$mode: step = single steps with tracing on; on, off = the stack at each breakpoint, with tracing on or off.
"""
import gdb

MODE = gdb.parse_and_eval("$mode").string()


def stack():
    names = []
    frame = gdb.newest_frame()
    base = int(gdb.parse_and_eval("(long)ddet_cells_base"))
    size = int(gdb.parse_and_eval("(long)ddet_cells_size"))
    while frame is not None:
        name = frame.name()
        # What gdb infers of tail calls are no frames of the stack; it cannot infer them through a cell.
        if not 0 <= frame.pc() - base < size and frame.type() != gdb.TAILCALL_FRAME:
            names.append(name or ("plt" if ".plt" in where(frame.pc()) else "??"))
        if name in ("main", "second"):
            break
        frame = frame.older()
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
