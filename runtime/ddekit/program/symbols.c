// SPDX-License-Identifier: GPL-2.0-only
/* Functions of the program: where its files are mapped (/proc/PID/maps), and their symbol tables. What stands in such a file is not trusted. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "program/symbols.h"

#define MAX_MODULES 512
#define MAX_REGIONS 1024
#define MAX_LOADS 16
#define MAX_TEXT 60

struct symbol {
	unsigned long start, end; /* as in the file */
	const char *name;
	unsigned int frame; /* 0: not asked for yet */
};

struct module {
	unsigned long device, inode;
	const unsigned char *bytes; /* NULL: not readable, or no ELF file */
	size_t size;
	struct symbol *symbols;
	size_t count;
	unsigned int frame; /* for what has no name */
	char name[MAX_TEXT];
};

static struct module modules[MAX_MODULES];
static unsigned int module_count;

static struct region {
	unsigned long start, end, offset;
	struct module *module;
} regions[MAX_REGIONS];
static unsigned int region_count;
static int regions_of; /* process; 0: none */

static char *names[DDEKIT_PROGRAM_FRAMES];
static unsigned int name_count = 1;

static unsigned int intern(const char *name)
{
	char text[MAX_TEXT];
	unsigned int i;

	snprintf(text, sizeof(text), "%s", name);
	for (i = 1; i < name_count; i++)
		if (!strcmp(names[i], text))
			return i;
	if (name_count == DDEKIT_PROGRAM_FRAMES)
		return 0;
	names[name_count] = strdup(text);
	return names[name_count] ? name_count++ : 0;
}

const char *ddekit__program_name(unsigned int frame)
{
	return frame && frame < name_count ? names[frame] : "";
}

static const void *part(const struct module *m, unsigned long at, unsigned long n, unsigned long unit)
{
	return n <= m->size / unit && at <= m->size - n * unit ? m->bytes + at : NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* Of several names of one place the plain one: `read`, not `__read`. */
	return strspn(x->name, "_") != strspn(y->name, "_") ? (int)strspn(x->name, "_") - (int)strspn(y->name, "_") : strcmp(x->name, y->name);
}

/* A name that ends within the table of strings; NULL when it does not. */
static const char *name_in(const struct module *m, const Elf64_Shdr *strings, unsigned long at)
{
	const char *text = part(m, strings->sh_offset, strings->sh_size, 1);

	return text && at < strings->sh_size && memchr(text + at, 0, strings->sh_size - at) ? text + at : NULL;
}

static void read_table(struct module *m, const Elf64_Shdr *table, const Elf64_Shdr *strings)
{
	unsigned long n = table->sh_size / sizeof(Elf64_Sym), i;
	const Elf64_Sym *s = part(m, table->sh_offset, n, sizeof(*s));
	struct symbol *all = s ? reallocarray(m->symbols, m->count + n, sizeof(*all)) : NULL;

	if (!all)
		return;
	m->symbols = all;
	for (i = 0; i < n; i++) {
		const char *name = name_in(m, strings, s[i].st_name);

		if ((ELF64_ST_TYPE(s[i].st_info) == STT_FUNC || ELF64_ST_TYPE(s[i].st_info) == STT_GNU_IFUNC) && s[i].st_shndx && name && *name)
			all[m->count++] = (struct symbol){ s[i].st_value, s[i].st_value + (s[i].st_size ? s[i].st_size : 1), name, 0 };
	}
}

static void read_symbols(struct module *m)
{
	const Elf64_Ehdr *h = part(m, 0, 1, sizeof(*h));
	const Elf64_Shdr *s;
	unsigned int i, type;

	if (!h || memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_shentsize != sizeof(*s))
		return;
	s = part(m, h->e_shoff, h->e_shnum, sizeof(*s));
	for (type = SHT_SYMTAB; s && !m->count; type = SHT_DYNSYM) {
		for (i = 0; i < h->e_shnum; i++)
			if (s[i].sh_type == type && s[i].sh_link < h->e_shnum)
				read_table(m, &s[i], &s[s[i].sh_link]);
		if (type == SHT_DYNSYM)
			break;
	}
	if (m->count)
		qsort(m->symbols, m->count, sizeof(*m->symbols), by_start);
}

static void open_module(struct module *m, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_ino == m->inode && S_ISREG(st.st_mode) && st.st_size > 0) {
		bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			m->bytes = bytes;
			m->size = st.st_size;
			read_symbols(m);
		}
	}
	close(fd);
}

static struct module *module_of(const char *path, unsigned long device, unsigned long inode)
{
	const char *base = strrchr(path, '/');
	struct module *m;
	unsigned int i;

	for (i = 0; i < module_count; i++)
		if (modules[i].inode == inode && modules[i].device == device)
			return &modules[i];
	if (module_count == MAX_MODULES)
		return NULL;
	m = &modules[module_count++];
	m->device = device;
	m->inode = inode;
	snprintf(m->name, sizeof(m->name), "[%s]", base ? base + 1 : path);
	open_module(m, path);
	return m;
}

static void read_regions(int process)
{
	char path[32], *line = NULL;
	size_t size = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", process);
	maps = fopen(path, "re");
	region_count = 0;
	regions_of = process;
	while (maps && region_count < MAX_REGIONS && getline(&line, &size, maps) > 0) {
		struct region *r = &regions[region_count];
		unsigned int major, minor;
		unsigned long inode;
		char x;
		int at = 0;

		if (sscanf(line, "%lx-%lx %*c%*c%c%*c %lx %x:%x %lu %n", &r->start, &r->end, &x, &r->offset, &major, &minor, &inode, &at) < 7 ||
		    x != 'x' || !inode || !at)
			continue;
		line[strcspn(line, "\n")] = 0;
		r->module = module_of(line + at, makedev(major, minor), inode);
		region_count += r->module != NULL;
	}
	free(line);
	if (maps)
		fclose(maps);
}

static const struct region *in_regions(unsigned long pc)
{
	unsigned int i;

	for (i = 0; i < region_count; i++)
		if (pc >= regions[i].start && pc < regions[i].end)
			return &regions[i];
	return NULL;
}

void ddekit__program_regions(int process, unsigned long pc)
{
	if (process != regions_of || !in_regions(pc))
		read_regions(process);
}

void ddekit_program_forget(int process)
{
	if (process == regions_of)
		regions_of = 0;
}

const unsigned char *ddekit__program_text(unsigned long at, unsigned int n)
{
	const struct region *r = in_regions(at);

	if (!r || !r->module->bytes || at + n > r->end)
		return NULL;
	return part(r->module, at - r->start + r->offset, n, 1);
}

/* What is to be added to an address of the file. */
static int bias_of(const struct region *r, unsigned long *bias)
{
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)r->module->bytes;
	const Elf64_Phdr *p = part(r->module, h->e_phoff, h->e_phnum, sizeof(*p));
	unsigned int i;

	for (i = 0; p && i < h->e_phnum && i < MAX_LOADS; i++)
		if (p[i].p_type == PT_LOAD && r->offset + (r->end - r->start) > p[i].p_offset && r->offset < p[i].p_offset + p[i].p_filesz) {
			*bias = r->start - r->offset + p[i].p_offset - p[i].p_vaddr;
			return 1;
		}
	return 0;
}

static struct symbol *find(const struct module *m, unsigned long at)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->symbols[middle].start <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || at >= m->symbols[low - 1].end)
		return NULL;
	/* The first of those that begin there. */
	for (low--; low && m->symbols[low - 1].start == m->symbols[low].start; low--)
		;
	return &m->symbols[low];
}

unsigned int ddekit__program_function(unsigned long pc, unsigned long *start)
{
	const struct region *r = in_regions(pc);
	struct symbol *s = NULL;
	unsigned long bias = 0;

	*start = 0;
	if (!r)
		return 0;
	if (r->module->count && bias_of(r, &bias))
		s = find(r->module, pc - bias);
	if (s) {
		*start = s->start + bias;
		if (!s->frame)
			s->frame = intern(s->name);
		return s->frame;
	}
	if (!r->module->frame)
		r->module->frame = intern(r->module->name);
	return r->module->frame;
}
