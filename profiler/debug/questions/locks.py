# SPDX-License-Identifier: MIT
"""Who holds which lock that can sleep, and who waits for it.

Linux does not keep a list of held locks unless lockdep is built in. But a held mutex or rw_semaphore names its owner, and is
told from other data by its form: the word of the owner is followed by a list of waiters that is closed in itself. So the
memory of the kernel side is searched for the addresses of its tasks. That finds every lock, in every build, at no cost while
the driver runs.
"""
import struct

from . import state
from .answer import Answer, hexa
from .devices import netdevs, pci_devices, bdf

# kernel/locking/mutex.c, rwsem.c
OWNER_FLAGS = 7
RWSEM_WRITER = 1
RWSEM_READER = 0x100
WAITERS = 1000


def _candidates(memory, base, owners):
    """Addresses of aligned words that hold a task's address, flags apart."""
    for owner in owners:
        pattern = struct.pack("<Q", owner)[1:]
        low = owner & 0xF8
        at = memory.find(pattern)
        while at >= 0:
            if at >= 1 and (at - 1 + base) % 8 == 0 and memory[at - 1] & 0xF8 == low:
                yield base + at - 1, owner, memory[at - 1] & OWNER_FLAGS
            at = memory.find(pattern, at + 1)


def _waiters(k, head, type_name):
    """Tasks in a lock's list of waiters; None when it is no list."""
    offset = k.offset(type_name, "list")
    task = k.offset(type_name, "task")
    found, node, before = [], k.try_u64(head), head
    while node != head:
        if not node or node % 8 or len(found) > WAITERS or k.try_u64(node + 8) != before:
            return None
        found.append(k.try_u64(node - offset + task) or 0)
        before, node = node, k.try_u64(node)
    return found if k.try_u64(head + 8) == before else None


def _task_ranges(k):
    """Where tasks point at each other (parent and children, the signal's target): the same form, but no lock."""
    ranges, signals = [], set()
    for task in state.tasks(k):
        ranges.append((task.address, task.address + k.offset("struct task_struct", "thread")))
        signals.add(int(task.signal))
    return ranges + [(one, one + k.sizeof("struct signal_struct")) for one in signals]


def held(k):
    """(kind, address of the lock, owner's address, waiting tasks' addresses)."""
    owners = {task.address for task in state.tasks(k)}
    mutex_owner = k.offset("struct mutex", "owner")
    mutex_list = k.offset("struct mutex", "wait_list")
    rwsem_owner = k.offset("struct rw_semaphore", "owner")
    rwsem_list = k.offset("struct rw_semaphore", "wait_list")
    rwsem_count = k.offset("struct rw_semaphore", "count")
    seen = set()
    tasks = _task_ranges(k)
    for base, memory in k.regions():
        for at, owner, flags in _candidates(memory, base, owners):
            if at in seen or any(start <= at < end for start, end in tasks):
                continue
            seen.add(at)
            count = k.try_u64(at - rwsem_owner + rwsem_count) or 0
            write, readers = count & RWSEM_WRITER, count >> 8
            rwsem = at - rwsem_owner
            # An rw_semaphore's owner stays written after the last reader has gone.
            if (write and count < 0x100 and not flags & 1) or (flags & 1 and 0 < readers < 0x10000):
                waiting = _waiters(k, rwsem + rwsem_list, "struct rwsem_waiter")
                if waiting is not None:
                    yield ("write" if write else "read"), rwsem, owner, waiting
                    continue
            waiting = _waiters(k, at - mutex_owner + mutex_list, "struct mutex_waiter")
            if waiting is not None and bool(waiting) == bool(flags & 1):
                yield "mutex", at - mutex_owner, owner, waiting


def where(k, address):
    """A name for an address: a variable, or what it lies in."""
    name = k.symbol(address)
    if name is not None:
        return name
    for dev in netdevs(k):
        offset = address - dev.address
        if 0 <= offset < k.sizeof("struct net_device"):
            return "%s: struct net_device+0x%x" % (dev.name.string(), offset)
        private = offset - (k.sizeof("struct net_device") + 31 & ~31)
        if 0 <= private < 1 << 17:
            return "%s: netdev_priv()+0x%x" % (dev.name.string(), private)
    for pdev in pci_devices(k):
        offset = address - pdev.address
        if 0 <= offset < k.sizeof("struct pci_dev"):
            device = offset - k.offset("struct pci_dev", "dev")
            is_device = 0 <= device < k.sizeof("struct device")
            part = "struct device+0x%x" % device if is_device else "struct pci_dev+0x%x" % offset
            return "%s: %s" % (bdf(k, pdev), part)
    return None


def name_of_task(k, address):
    task = k.at("struct task_struct", address)
    return "%s (%d)" % (task.comm.string(), int(task.pid))


def locks(k):
    answer = Answer(
        "locks",
        [("kind", "KIND"), ("lock", "LOCK"), ("name", "NAME"), ("holder", "HOLDER"), ("waiters", "WAITING")],
        "no mutex or rw_semaphore is held",
    )
    waits = {}
    for kind, lock, owner, waiting in held(k):
        waits.update((task, owner) for task in waiting)
        answer.add(kind=kind, lock=hexa(lock), name=where(k, lock), holder=name_of_task(k, owner),
                   waiters=[name_of_task(k, task) for task in waiting])
    for circle in circles(waits):
        names = [name_of_task(k, task) for task in circle]
        answer.note("DEADLOCK: %s: each waits for a lock that the next one holds" % " -> ".join(names + names[:1]))
    answer.note("virtual CPU: %s; spinlocks are no memory on one CPU: their place is taken by the interrupt and "
                "softirq flags" % state.context(k))
    return answer


def circles(waits):
    """Tasks that wait for each other in a circle. waits: task -> the holder of the lock it waits for."""
    found, done = [], set()
    for start in waits:
        path, at = [], start
        while at in waits and at not in done:
            if at in path:
                found.append(path[path.index(at):])
                break
            path.append(at)
            at = waits[at]
        done.update(path)
    return found
