// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap() of a driver's file. This port has no MMU, so Linux's own (mm/nommu.c) cannot give a program pages of the kernel's. Here the driver's
 * mmap is called with an area of the program's; what it puts there by remap_pfn_range() and the like (tables/hooks.txt leads them here) is
 * noted page by page, and the host then maps the same pages in the program (ddekit_program_map()). A page that a driver gives at an access only
 * (vm_ops->fault) it is asked for at once.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/pfn_t.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "exec.h"

#define MAX_PAGES (1UL << 17)

struct exec_map {
	struct list_head list;
	struct vm_area_struct vma;
	unsigned long pages, left;
	bool bar; /* asked for what is no memory */
	unsigned long *there; /* a bit a page: not unmapped yet */
	unsigned long *counted; /* a bit a page: a reference is held */
	unsigned long pfn[]; /* 0: none */
};

/* The mapping that the running thread is about, if that area is it. */
static struct exec_map *being_made(const struct vm_area_struct *vma)
{
	struct exec_thread *t = exec_current();

	return t && t->map && &t->map->vma == vma ? t->map : NULL;
}

static int put_pages(struct exec_map *m, unsigned long addr, unsigned long pfn, unsigned long size, bool counted)
{
	unsigned long at = (addr - m->vma.vm_start) >> PAGE_SHIFT, n = PAGE_ALIGN(size) >> PAGE_SHIFT;

	if (addr < m->vma.vm_start || at > m->pages || n > m->pages - at)
		return -EINVAL;
	for (; n; n--, at++, pfn++) {
		if (!pfn_valid(pfn)) {
			m->bar = true;
			return -ENXIO;
		}
		m->pfn[at] = pfn;
		if (counted && !__test_and_set_bit(at, m->counted))
			get_page(pfn_to_page(pfn));
	}
	return 0;
}

static struct exec_map *new_map(unsigned long pages)
{
	struct exec_map *m = kvzalloc(struct_size(m, pfn, pages), GFP_KERNEL);
	size_t bytes = BITS_TO_LONGS(pages) * sizeof(long);

	if (!m)
		return NULL;
	m->pages = m->left = pages;
	m->there = kvzalloc(bytes, GFP_KERNEL);
	m->counted = kvzalloc(bytes, GFP_KERNEL);
	INIT_LIST_HEAD(&m->list);
	INIT_LIST_HEAD(&m->vma.anon_vma_chain);
	if (m->there && m->counted)
		return m;
	kvfree(m->there);
	kvfree(m->counted);
	kvfree(m);
	return NULL;
}

static void free_map(struct exec_map *m)
{
	unsigned long i;

	for_each_set_bit(i, m->counted, m->pages)
		put_page(pfn_to_page(m->pfn[i]));
	if (m->vma.vm_file)
		fput(m->vma.vm_file);
	kvfree(m->there);
	kvfree(m->counted);
	kvfree(m);
}

static void drop(struct exec_map *m)
{
	list_del(&m->list);
	if (m->vma.vm_ops && m->vma.vm_ops->close)
		m->vma.vm_ops->close(&m->vma);
	free_map(m);
	flush_delayed_fput();
}

static void set_flags(struct vm_area_struct *vma, const struct file *file, unsigned long prot, unsigned long flags)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE, writable = file->f_mode & FMODE_WRITE;
	unsigned long v = VM_MAYREAD | VM_MAYEXEC;

	if (prot & PROT_READ)
		v |= VM_READ;
	if (prot & PROT_WRITE)
		v |= VM_WRITE;
	if (prot & PROT_EXEC)
		v |= VM_EXEC;
	if (writable || !shared)
		v |= VM_MAYWRITE;
	if (shared)
		v |= VM_MAYSHARE | (writable ? VM_SHARED : 0);
	*(unsigned long *)&vma->vm_flags = v;
}

/* As do_mmap() checks (mm/mmap.c). */
static int may_map(const struct file *file, unsigned long prot, unsigned long flags)
{
	if (!file->f_op->mmap)
		return -ENODEV;
	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if ((flags & MAP_TYPE) != MAP_PRIVATE && (prot & PROT_WRITE) && !(file->f_mode & FMODE_WRITE))
		return -EACCES;
	return 0;
}

static void ask_for_pages(struct exec_map *m)
{
	const struct vm_operations_struct *ops = m->vma.vm_ops;
	unsigned long i;

	if (!ops || !ops->fault)
		return;
	for (i = 0; i < m->pages; i++) {
		struct vm_fault vmf = {
			.vma = &m->vma,
			.gfp_mask = GFP_KERNEL,
			.pgoff = m->vma.vm_pgoff + i,
			.address = m->vma.vm_start + (i << PAGE_SHIFT),
			.flags = m->vma.vm_flags & VM_WRITE ? FAULT_FLAG_WRITE : 0,
		};
		vm_fault_t got;

		if (m->pfn[i])
			continue;
		got = ops->fault(&vmf);
		if (got & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY) || !vmf.page)
			continue;
		if (got & VM_FAULT_LOCKED)
			unlock_page(vmf.page);
		m->pfn[i] = page_to_pfn(vmf.page);
		__set_bit(i, m->counted);
	}
}

static unsigned int to_pieces(const struct exec_map *m, struct ddekit_piece *pieces)
{
	unsigned long i, n = 0;

	for (i = 0; i < m->pages; i++) {
		if (!m->pfn[i])
			continue;
		if (n && i && m->pfn[i - 1] && m->pfn[i] == m->pfn[i - 1] + 1)
			pieces[n - 1].size += PAGE_SIZE;
		else
			pieces[n++] = (struct ddekit_piece){ i << PAGE_SHIFT, m->pfn[i] << PAGE_SHIFT, PAGE_SIZE };
	}
	return n;
}

static long show(struct exec_thread *t, struct exec_map *m)
{
	struct ddekit_piece *pieces = kvmalloc_array(m->pages, sizeof(*pieces), GFP_KERNEL);
	long at = -ENOMEM;

	if (pieces)
		at = ddekit_program_map(&t->call, t->process->id, m->pages << PAGE_SHIFT, pieces, to_pieces(m, pieces));
	kvfree(pieces);
	return at;
}

static long make(struct exec_thread *t, struct exec_map *m, struct file *file)
{
	const unsigned long *a = t->call.args;
	struct vm_area_struct *vma = &m->vma;
	long at = may_map(file, a[2], a[3]);

	if (at)
		return at;
	vma->vm_mm = t->process->mm;
	/* Where it will be is the host's to say; a driver hands the address on, and that is all. */
	vma->vm_start = a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? a[0] : PAGE_SIZE;
	vma->vm_end = vma->vm_start + (m->pages << PAGE_SHIFT);
	vma->vm_pgoff = a[5] >> PAGE_SHIFT;
	vma->vm_file = get_file(file);
	set_flags(vma, file, a[2], a[3]);
	at = file->f_op->mmap(file, vma);
	if (at) {
		vma->vm_ops = NULL;
		return m->bar ? -ENODEV : at;
	}
	ask_for_pages(m);
	at = m->bar ? -ENODEV : show(t, m);
	if (at < 0 && vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	return at;
}

long exec_mmap(struct exec_thread *t)
{
	const unsigned long *a = t->call.args;
	unsigned long pages = a[1] / PAGE_SIZE + (a[1] % PAGE_SIZE != 0);
	struct file *file;
	long at;

	if (!pages || (a[5] & ~PAGE_MASK))
		return -EINVAL;
	if (pages > MAX_PAGES)
		return -ENOMEM;
	file = fget(a[4]);
	if (!file)
		return -EBADF;
	t->map = new_map(pages);
	at = t->map ? make(t, t->map, file) : -ENOMEM;
	if (at == -ENODEV && t->map->bar)
		pr_warn_once("dde: exec: mmap of a BAR is not possible with a device that answers by calls; the program gets ENODEV\n");
	if (at < 0 && t->map) {
		free_map(t->map);
	} else if (at >= 0) {
		t->map->vma.vm_start = at;
		t->map->vma.vm_end = at + (pages << PAGE_SHIFT);
		bitmap_fill(t->map->there, pages);
		list_add_tail(&t->map->list, &t->process->maps);
	}
	t->map = NULL;
	fput(file);
	return at;
}

bool exec_maps_at(const struct exec_process *p, unsigned long at, unsigned long size)
{
	struct exec_map *m;

	list_for_each_entry(m, &p->maps, list)
		if (at < m->vma.vm_end && at + size > m->vma.vm_start)
			return true;
	return false;
}

void exec_unmap_all(struct list_head *maps)
{
	while (!list_empty(maps))
		drop(list_first_entry(maps, struct exec_map, list));
}

void exec_unmap(struct exec_process *p, unsigned long at, unsigned long size)
{
	struct exec_map *m, *next;
	LIST_HEAD(gone); /* a driver's close may sleep, and other threads unmap, too */

	list_for_each_entry_safe(m, next, &p->maps, list) {
		unsigned long from = max(at, m->vma.vm_start), to = min(at + PAGE_ALIGN(size), m->vma.vm_end);

		for (; from < to; from += PAGE_SIZE)
			if (__test_and_clear_bit((from - m->vma.vm_start) >> PAGE_SHIFT, m->there))
				m->left--;
		if (!m->left)
			list_move_tail(&m->list, &gone);
	}
	exec_unmap_all(&gone);
}

void exec_unmap_lost(struct exec_process *p)
{
	struct exec_map *m, *next;
	LIST_HEAD(gone);

	list_for_each_entry_safe(m, next, &p->maps, list)
		if (!ddekit_program_mapped(p->id, m->vma.vm_start, m->vma.vm_end))
			list_move_tail(&m->list, &gone);
	exec_unmap_all(&gone);
}

static struct exec_map *nth(const struct list_head *maps, unsigned int n)
{
	struct exec_map *m;

	list_for_each_entry(m, maps, list)
		if (!n--)
			return m;
	return NULL;
}

static struct exec_map *copy_of(const struct exec_map *m, struct exec_map *copy)
{
	unsigned long i;

	memcpy(&copy->vma, &m->vma, sizeof(copy->vma)); /* vm_flags is read-only in newer versions */
	INIT_LIST_HEAD(&copy->vma.anon_vma_chain);
	get_file(copy->vma.vm_file);
	copy->left = m->left;
	bitmap_copy(copy->there, m->there, m->pages);
	bitmap_copy(copy->counted, m->counted, m->pages);
	memcpy(copy->pfn, m->pfn, m->pages * sizeof(*m->pfn));
	for_each_set_bit(i, copy->counted, copy->pages)
		get_page(pfn_to_page(copy->pfn[i]));
	return copy;
}

/*
 * At a fork; vm_ops->open tells the driver, as dup_mmap() does (kernel/fork.c). Other threads of the program may unmap while memory is asked for,
 * so nothing is held across that; the new list is the dispatcher's alone.
 */
void exec_copy_maps(const struct list_head *from, struct list_head *to)
{
	struct exec_map *m, *copy;
	unsigned long pages;
	unsigned int i = 0;

	while ((m = nth(from, i))) {
		pages = m->pages;
		copy = new_map(pages);
		if (!copy)
			break;
		m = nth(from, i);
		if (m && m->pages == pages) {
			list_add_tail(&copy_of(m, copy)->list, to);
			i++;
		} else {
			free_map(copy);
		}
	}
	list_for_each_entry(copy, to, list)
		if (copy->vma.vm_ops && copy->vma.vm_ops->open)
			copy->vma.vm_ops->open(&copy->vma);
}

/* What drivers call. Outside of a program's mmap() Linux's own answers, where it has one. */
#define WRAP(ret, name, ...) \
	ret __real_##name(__VA_ARGS__); \
	ret __wrap_##name(__VA_ARGS__); \
	ret __wrap_##name(__VA_ARGS__)

static unsigned long size_of(const struct vm_area_struct *vma)
{
	return vma->vm_end - vma->vm_start;
}

/* From page @offset of @count on, as the file's offset says. */
static int put_part(struct exec_map *m, unsigned long pfn, unsigned long count, unsigned long offset)
{
	unsigned long n = size_of(&m->vma) >> PAGE_SHIFT;

	if (offset > count || n > count - offset)
		return -ENXIO;
	return put_pages(m, m->vma.vm_start, pfn + offset, n << PAGE_SHIFT, false);
}

WRAP(int, remap_pfn_range, struct vm_area_struct *vma, unsigned long addr, unsigned long pfn, unsigned long size, pgprot_t prot)
{
	struct exec_map *m = being_made(vma);

	return m ? put_pages(m, addr, pfn, size, false) : __real_remap_pfn_range(vma, addr, pfn, size, prot);
}

WRAP(int, vm_iomap_memory, struct vm_area_struct *vma, phys_addr_t start, unsigned long len)
{
	struct exec_map *m = being_made(vma);
	unsigned long pages = (len + (start & ~PAGE_MASK) + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (!m)
		return __real_vm_iomap_memory(vma, start, len);
	return put_part(m, start >> PAGE_SHIFT, pages, vma->vm_pgoff) ? -EINVAL : 0;
}

WRAP(int, remap_vmalloc_range, struct vm_area_struct *vma, void *addr, unsigned long pgoff)
{
	struct exec_map *m = being_made(vma);

	if (!m)
		return __real_remap_vmalloc_range(vma, addr, pgoff);
	if (offset_in_page(addr))
		return -EINVAL;
	return put_pages(m, vma->vm_start, virt_to_pfn(addr) + pgoff, size_of(vma), false);
}

WRAP(int, vm_insert_page, struct vm_area_struct *vma, unsigned long addr, struct page *page)
{
	struct exec_map *m = being_made(vma);

	return m ? put_pages(m, addr, page_to_pfn(page), PAGE_SIZE, true) : __real_vm_insert_page(vma, addr, page);
}

WRAP(int, vm_insert_pages, struct vm_area_struct *vma, unsigned long addr, struct page **pages, unsigned long *num)
{
	struct exec_map *m = being_made(vma);
	int err;

	if (!m)
		return __real_vm_insert_pages(vma, addr, pages, num);
	for (; *num; --*num, addr += PAGE_SIZE, pages++) {
		err = put_pages(m, addr, page_to_pfn(*pages), PAGE_SIZE, true);
		if (err)
			return err;
	}
	return 0;
}

static int map_pages(struct exec_map *m, struct page **pages, unsigned long num, unsigned long offset)
{
	unsigned long i, n = size_of(&m->vma) >> PAGE_SHIFT;
	int err;

	if (offset >= num || n > num - offset)
		return -ENXIO;
	for (i = 0; i < n; i++) {
		err = put_pages(m, m->vma.vm_start + (i << PAGE_SHIFT), page_to_pfn(pages[offset + i]), PAGE_SIZE, true);
		if (err)
			return err;
	}
	return 0;
}

WRAP(int, vm_map_pages, struct vm_area_struct *vma, struct page **pages, unsigned long num)
{
	struct exec_map *m = being_made(vma);

	return m ? map_pages(m, pages, num, vma->vm_pgoff) : __real_vm_map_pages(vma, pages, num);
}

WRAP(int, vm_map_pages_zero, struct vm_area_struct *vma, struct page **pages, unsigned long num)
{
	struct exec_map *m = being_made(vma);

	return m ? map_pages(m, pages, num, 0) : __real_vm_map_pages_zero(vma, pages, num);
}

WRAP(bool, dma_can_mmap, struct device *dev)
{
	return exec_current() || __real_dma_can_mmap(dev);
}

WRAP(int, dma_mmap_attrs, struct device *dev, struct vm_area_struct *vma, void *cpu, dma_addr_t dma, size_t size, unsigned long attrs)
{
	struct exec_map *m = being_made(vma);

	if (!m)
		return __real_dma_mmap_attrs(dev, vma, cpu, dma, size, attrs);
	return put_part(m, virt_to_pfn(cpu), PAGE_ALIGN(size) >> PAGE_SHIFT, vma->vm_pgoff);
}

WRAP(int, dma_mmap_pages, struct device *dev, struct vm_area_struct *vma, size_t size, struct page *page)
{
	struct exec_map *m = being_made(vma);

	if (!m)
		return __real_dma_mmap_pages(dev, vma, size, page);
	return put_part(m, page_to_pfn(page), PAGE_ALIGN(size) >> PAGE_SHIFT, vma->vm_pgoff);
}

/* These a kernel without MMU does not have. */
vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn)
{
	struct exec_map *m = being_made(vma);

	return m && !put_pages(m, addr, pfn, PAGE_SIZE, false) ? VM_FAULT_NOPAGE : VM_FAULT_SIGBUS;
}
EXPORT_SYMBOL(vmf_insert_pfn);

vm_fault_t vmf_insert_pfn_prot(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn, pgprot_t prot)
{
	return vmf_insert_pfn(vma, addr, pfn);
}
EXPORT_SYMBOL(vmf_insert_pfn_prot);

vm_fault_t vmf_insert_mixed(struct vm_area_struct *vma, unsigned long addr, pfn_t pfn)
{
	return vmf_insert_pfn(vma, addr, pfn_t_to_pfn(pfn));
}
EXPORT_SYMBOL(vmf_insert_mixed);
