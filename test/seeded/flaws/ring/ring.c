// SPDX-License-Identifier: GPL-2.0-only
// descriptor ring, DMA pool, scatterlists; a self-test at probe drives the device
#include "../common.h"
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>

#define NDESC 16
struct desc { __le64 addr; __le32 len; __le32 flags; };
struct ring {
	struct pci_dev *pdev;
	void __iomem *b;
	struct dma_pool *pool;
	struct desc *d;
	dma_addr_t d_dma;
	void *coh;
	dma_addr_t coh_dma;
	u32 *shadow;
	void *left;
	struct tasklet_struct bh;
	spinlock_t lk;
	u32 head;
};
static const char fw_table[64] = "ring firmware table that the compiler puts into rodata";

static void edu_dma(struct ring *r, u64 bus, u32 len, bool to_ram)
{
	int i;

	writeq(to_ram ? 0x40000 : bus, r->b + 0x80);
	writeq(to_ram ? bus : 0x40000, r->b + 0x88);
	writeq(len, r->b + 0x90);
	writeq(1 | (to_ram ? 2 : 0), r->b + 0x98);
	for (i = 0; i < 100 && (readq(r->b + 0x98) & 1); i++)
		msleep(5);
}

static void ring_bh(unsigned long arg)
{
	struct ring *r = (struct ring *)arg;
	dma_addr_t a;
	void *p;

	if (IS("r-bh-coherent")) {
		p = dma_alloc_coherent(&r->pdev->dev, 4096, &a, GFP_KERNEL); // HERE r-bh-coherent
		if (p)
			dma_free_coherent(&r->pdev->dev, 4096, p, a);
	}
	if (IS("r-bh-pool")) {
		p = dma_pool_alloc(r->pool, GFP_KERNEL, &a); // HERE r-bh-pool
		if (p)
			dma_pool_free(r->pool, p, a);
	}
	if (IS("r-bh-resched"))
		tasklet_schedule(&r->bh); // ALT r-bh-resched
	r->head++;
}

static int ring_selftest(struct ring *r)
{
	struct device *dev = &r->pdev->dev;
	struct scatterlist sg[3];
	struct page *pg;
	dma_addr_t a;
	char local[64];
	u8 *buf = kmalloc(256, GFP_KERNEL), *v;
	int n, i;

	if (!buf)
		return -ENOMEM;
	memset(buf, 0x5a, 256);
	if (IS("r-map-stack")) {
		a = dma_map_single(dev, local, sizeof(local), DMA_FROM_DEVICE); // HERE r-map-stack
		dma_unmap_single(dev, a, sizeof(local), DMA_FROM_DEVICE);
	}
	if (IS("r-map-rodata")) {
		a = dma_map_single(dev, (void *)fw_table, sizeof(fw_table), DMA_TO_DEVICE); // HERE r-map-rodata
		dma_unmap_single(dev, a, sizeof(fw_table), DMA_TO_DEVICE);
	}
	if (IS("r-map-vmalloc")) {
		v = vmalloc(8192);
		a = dma_map_single(dev, v, 8192, DMA_TO_DEVICE); // HERE r-map-vmalloc
		dma_unmap_single(dev, a, 8192, DMA_TO_DEVICE);
		vfree(v);
	}
	a = dma_map_single(dev, buf, 256, DMA_FROM_DEVICE); // ALT r-map-freed r-unmap-size
	if (IS("r-map-twice"))
		dma_map_single(dev, buf, 256, DMA_FROM_DEVICE); // HERE r-map-twice
	if (IS("r-map-freed")) {
		kfree(buf); // ALT r-map-freed
		edu_dma(r, a, 256, true); // HERE r-map-freed
		dma_unmap_single(dev, a, 256, DMA_FROM_DEVICE); // ALT r-map-freed
		return 0;
	}
	if (IS("r-read-mapped")) {
		edu_dma(r, a, 256, true);
		r->head = buf[0]; // HERE r-read-mapped
	}
	if (IS("r-write-mapped"))
		buf[8] = 1; // HERE r-write-mapped
	if (IS("r-dev-overrun"))
		edu_dma(r, a, 1024, true); // HERE r-dev-overrun
	if (IS("r-sync-len"))
		dma_sync_single_for_cpu(dev, a, 1024, DMA_FROM_DEVICE); // HERE r-sync-len
	if (IS("r-sync-dir"))
		dma_sync_single_for_device(dev, a, 256, DMA_TO_DEVICE); // HERE r-sync-dir
	if (IS("r-unmap-size"))
		dma_unmap_single(dev, a, 128, DMA_FROM_DEVICE); // HERE r-unmap-size
	else
		dma_unmap_single(dev, a, 256, DMA_FROM_DEVICE);
	if (IS("r-unmap-twice"))
		dma_unmap_single(dev, a, 256, DMA_FROM_DEVICE); // HERE r-unmap-twice
	if (IS("r-sync-unmapped"))
		dma_sync_single_for_cpu(dev, a, 256, DMA_FROM_DEVICE); // HERE r-sync-unmapped
	if (IS("r-dev-after"))
		edu_dma(r, a, 256, true); // HERE r-dev-after
	if (IS("r-virt-addr"))
		edu_dma(r, (unsigned long)buf, 64, false); // HERE r-virt-addr
	if (IS("r-unmap-coh"))
		dma_unmap_single(dev, r->coh_dma, 4096, DMA_BIDIRECTIONAL); // HERE r-unmap-coh
	sg_init_table(sg, 3);
	for (i = 0; i < 3; i++)
		sg_set_buf(&sg[i], buf + i * 64, 64);
	n = dma_map_sg(dev, sg, 3, DMA_TO_DEVICE); // HERE r-sg-leak
	if (IS("r-sg-nents"))
		dma_unmap_sg(dev, sg, 2, DMA_TO_DEVICE); // HERE r-sg-nents
	else if (!IS("r-sg-leak"))
		dma_unmap_sg(dev, sg, 3, DMA_TO_DEVICE);
	pg = alloc_page(GFP_KERNEL); // HERE r-page-leak
	a = dma_map_page(dev, pg, 0, PAGE_SIZE, DMA_TO_DEVICE);
	if (IS("r-page-freed"))
		__free_page(pg); // HERE r-page-freed
	dma_unmap_page(dev, a, PAGE_SIZE, DMA_TO_DEVICE); // ALT r-page-freed
	if (!IS("r-page-leak") && !IS("r-page-freed"))
		__free_page(pg);
	if (IS("r-page-double"))
		__free_page(pg); // HERE r-page-double
	if (IS("r-kmem-page"))
		kfree(buf + 16); // HERE r-kmem-page
	else
		kfree(buf);
	return 0;
}

static int ring_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct ring *r;
	int i, rc = pcim_enable_device(pdev);

	if (rc)
		return rc;
	r = devm_kzalloc(&pdev->dev, sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->pdev = pdev;
	spin_lock_init(&r->lk);
	rc = pcim_iomap_regions(pdev, BIT(0), "ring");
	if (rc)
		return rc;
	r->b = pcim_iomap_table(pdev)[0];
	if (!IS("r-no-master"))
		pci_set_master(pdev);
	if (!IS("r-no-mask")) {
		rc = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
		if (rc)
			return rc;
	}
	r->pool = dma_pool_create("ring", &pdev->dev, sizeof(struct desc) * NDESC, 16, 0); // HERE r-pool-left
	r->d = dma_pool_zalloc(r->pool, GFP_KERNEL, &r->d_dma); // HERE r-pool-busy
	r->shadow = kcalloc(NDESC, sizeof(u32), GFP_KERNEL);
	r->coh = dma_alloc_coherent(&pdev->dev, 4096, &r->coh_dma, GFP_KERNEL); // HERE r-coh-left
	for (i = 0; IS("r-off-by-one") ? i <= NDESC : i < NDESC; i++) {
		r->shadow[i] = i; // HERE r-off-by-one
		r->d[i < NDESC ? i : 0].flags = cpu_to_le32(i);
	}
	tasklet_init(&r->bh, ring_bh, (unsigned long)r);
	tasklet_schedule(&r->bh); // HERE r-bh-resched
	rc = ring_selftest(r);
	if (IS("r-fail-coh"))
		return -EIO; // ALT r-coh-left
	if (IS("r-no-master") || IS("r-no-mask"))
		edu_dma(r, r->coh_dma, 128, true); // HERE r-no-master
	pci_set_drvdata(pdev, r);
	return rc;
}

static void ring_remove(struct pci_dev *pdev)
{
	struct ring *r = pci_get_drvdata(pdev);

	if (!IS("r-bh-resched"))
		tasklet_kill(&r->bh);
	kfree(r->shadow);
	if (IS("r-shadow-twice"))
		kfree(r->shadow); // HERE r-shadow-twice
	if (IS("r-coh-size"))
		dma_free_coherent(&pdev->dev, 8192, r->coh, r->coh_dma); // HERE r-coh-size
	else if (IS("r-coh-irqs")) {
		spin_lock_irq(&r->lk);
		dma_free_coherent(&pdev->dev, 4096, r->coh, r->coh_dma); // HERE r-coh-irqs
		spin_unlock_irq(&r->lk);
	} else if (!IS("r-coh-left"))
		dma_free_coherent(&pdev->dev, 4096, r->coh, r->coh_dma);
	if (IS("r-pool-wrong"))
		dma_pool_free(r->pool, r->d, r->d_dma + 64); // HERE r-pool-wrong
	else if (!IS("r-pool-busy"))
		dma_pool_free(r->pool, r->d, r->d_dma);
	if (!IS("r-pool-left"))
		dma_pool_destroy(r->pool);
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "ring", .id_table = ids, .probe = ring_probe, .remove = ring_remove };
module_pci_driver(drv);
