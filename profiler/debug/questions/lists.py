# SPDX-License-Identifier: MIT
"""Walks Linux's linked structures. `k` is the debugger's side: access.py of gdb/ or drgn/."""

LONGEST = 200_000


class Broken(Exception):
    """A structure that does not hang together: the text says where."""


def _walk(k, first, stop, what):
    node, seen = first, set()
    while node != stop:
        if node == 0:
            raise Broken("%s: a next pointer is NULL after %d entries" % (what, len(seen)))
        if node in seen or len(seen) > LONGEST:
            raise Broken("%s: the list runs in a circle at 0x%x" % (what, node))
        seen.add(node)
        yield node
        node = k.u64(node)


def list_nodes(k, head):
    """Addresses of the list_heads after `head` (an address)."""
    return _walk(k, k.u64(head), head, "list at 0x%x" % head)


def hlist_nodes(k, head):
    """Addresses of the hlist_nodes of a struct hlist_head."""
    return _walk(k, k.u64(head), 0, "hlist at 0x%x" % head)


def list_entries(k, head, type_name, member):
    offset = k.offset(type_name, member)
    for node in list_nodes(k, head):
        yield k.at(type_name, node - offset)


def hlist_entries(k, head, type_name, member):
    offset = k.offset(type_name, member)
    for node in hlist_nodes(k, head):
        yield k.at(type_name, node - offset)


def list_length(k, head):
    return sum(1 for _ in list_nodes(k, head))


def tree_nodes(k, root):
    """Addresses of the rb_nodes below the pointer at `root`, in order."""
    right, left = k.offset("struct rb_node", "rb_right"), k.offset("struct rb_node", "rb_left")
    stack, node, count = [], k.u64(root), 0
    while stack or node:
        while node:
            stack.append(node)
            node = k.u64(node + left)
            count += 1
            if count > LONGEST:
                raise Broken("rbtree at 0x%x: no end" % root)
        node = stack.pop()
        yield node
        node = k.u64(node + right)
