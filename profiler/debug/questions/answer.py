# SPDX-License-Identifier: MIT
"""What a question about the driver's kernel is answered with: a table, notes, and how both are printed."""
import json


class Answer:
    """columns: (key, heading) pairs; rows: dicts by key (missing and None are shown as -); notes: whole sentences."""

    def __init__(self, name, columns, empty="none"):
        self.name = name
        self.columns = columns
        self.empty = empty
        self.rows = []
        self.notes = []

    def add(self, **row):
        self.rows.append(row)

    def note(self, text):
        self.notes.append(text)

    def as_json(self):
        return json.dumps({"name": self.name, "rows": self.rows, "notes": self.notes})

    def as_text(self):
        lines = _table(self.columns, self.rows) if self.rows else [self.empty]
        return "\n".join(lines + self.notes) + "\n"


def text_of(value):
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return " ".join(text_of(one) for one in value) if value else "-"
    return str(value)


def _table(columns, rows):
    cells = [[heading for _, heading in columns]]
    cells += [[text_of(row.get(key)) for key, _ in columns] for row in rows]
    right = [all(isinstance(row.get(key), (int, float, type(None))) for row in rows) for key, _ in columns]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = []
    for line in cells:
        shown = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(line, widths, right))
        lines.append("  ".join(shown).rstrip())
    return lines


def hexa(value):
    return "0x%x" % value


def size_of(count):
    """Bytes as people say them: 512, 4K, 128K, 2M."""
    for shift, unit in ((30, "G"), (20, "M"), (10, "K")):
        if count >= 1 << shift and count % (1 << shift) == 0:
            return "%d%s" % (count >> shift, unit)
    return str(count)


def flags_of(value, names):
    """names: (mask or bit value, name) pairs; what no name covers is shown as a number."""
    shown = []
    for mask, name in names:
        if value & mask == mask:
            shown.append(name)
            value &= ~mask
    if value:
        shown.append(hexa(value))
    return shown
