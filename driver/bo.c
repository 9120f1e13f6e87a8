/* SPDX-License-Identifier: MIT
 *
 * DOC: Kinds of memory
 *
 * Memory is private to the process and anonymous, in huge pages where those help. What may be mapped
 * in more than one place (exported memory, memory behind sparse buffers, maps at addresses that the
 * application chose) is shared memory instead, which the kernel seldom gives huge pages; what may be
 * exported has a descriptor. mremap() with an old size of 0 makes another mapping of shared memory.
 * Any of it may be asked for at an address (place.h).
 */
#include "bo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "place.h"

#define HUGE_B (UINT64_C(2) << 20)
#define GUARD_B 64u

enum kind {
    PRIVATE,
    SHARED, /* fd is that of the memory, or -1 */
    HOST,   /* the application's: never unmapped */
    SPARSE,
};

struct weft_bo {
    struct weft_ref ref;
    struct weft_device *device;
    enum kind kind;
    int fd;
    void *memory;
    uint64_t size_B;   /* that kernels may use */
    uint64_t mapped_B; /* with the guard, whole pages */
    struct weft_backing backing; /* SPARSE */
};

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

/* Maps size_B bytes, aligned to huge pages where those help. NULL when out of memory. */
static void *map_private(uint64_t size_B)
{
    uint64_t slack_B = size_B >= HUGE_B ? HUGE_B : 0, head_B;
    char *memory = mmap(NULL, size_B + slack_B, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (slack_B == 0)
        return memory;
    head_B = align_up((uintptr_t)memory, HUGE_B) - (uintptr_t)memory;
    if (head_B != 0)
        munmap(memory, head_B);
    if (head_B != slack_B)
        munmap(memory + head_B + size_B, slack_B - head_B);
    /* Advice only: where huge pages are off, small ones work. */
    madvise(memory + head_B, size_B, MADV_HUGEPAGE);
    return memory + head_B;
}

static void *map(int protection, int flags, int fd, void *address, uint64_t size_B)
{
    void *memory = mmap(address, size_B, protection, flags, fd, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

#define READ_WRITE (PROT_READ | PROT_WRITE)

/* A memfd, which can't be made smaller under somebody who imported it. -1 when out of memory. */
static int create_fd(uint64_t size_B)
{
    int fd = memfd_create("weft-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (ftruncate(fd, (off_t)size_B) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Memory behind a descriptor, and a page of zeros behind it as the guard. */
static void *map_fd(int fd, uint64_t size_B, uint64_t mapped_B)
{
    void *memory = map(READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, NULL, mapped_B);

    if (memory != NULL && map(READ_WRITE, MAP_SHARED | MAP_FIXED, fd, memory, size_B) == NULL) {
        munmap(memory, mapped_B);
        return NULL;
    }
    return memory;
}

/* Publishes a bo whose memory is mapped. On failure it is freed, its memory too. */
static int publish(struct weft_bo *bo, struct weft_device *device, struct weft_bo **bo_out)
{
    int rc = bo->memory != NULL ? 0 : -ENOMEM;

    if (rc == 0)
        rc = weft_vm_add(&device->vm, bo, (uintptr_t)bo->memory, bo->size_B);
    if (rc == 0) {
        bo->device = weft_device_get(device);
        *bo_out = bo;
        return 0;
    }
    weft_backing_finish(&bo->backing, &device->mappings);
    if (bo->memory != NULL && bo->kind != HOST)
        munmap(bo->memory, bo->mapped_B);
    free(bo);
    return rc;
}

static int alloc_bo(enum kind kind, uint64_t size_B, struct weft_bo **bo_out)
{
    struct weft_bo *bo;

    if (size_B == 0)
        return -EINVAL;
    /* Larger than any user address space; keeps sums from wrapping. */
    if (size_B > UINT64_C(1) << 56)
        return -ENOMEM;
    bo = calloc(1, sizeof(*bo));
    if (bo == NULL)
        return -ENOMEM;
    weft_ref_init(&bo->ref);
    bo->kind = kind;
    bo->fd = -1;
    bo->size_B = size_B;
    *bo_out = bo;
    return 0;
}

/* Where the residency of a sparse bo's pages lies, behind the page that follows its own. */
static uint64_t residency_offset_B(const struct weft_device *device, uint64_t size_B)
{
    return align_up(size_B, device->machine.page_B) + device->machine.page_B;
}

/* Maps a bo's memory, over a place where there is one. NULL when out of memory. */
static void *map_bo(struct weft_bo *bo, uint32_t flags, void *place)
{
    int fixed = place != NULL ? MAP_FIXED : 0;
    void *memory;

    if (bo->kind == SPARSE)
        return map(READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, place,
                   bo->mapped_B);
    if ((flags & WEFT_BO_EXPORT) != 0) {
        bo->fd = create_fd(bo->mapped_B);
        return bo->fd >= 0 ? map(READ_WRITE, MAP_SHARED | fixed, bo->fd, place, bo->mapped_B) : NULL;
    }
    if (bo->kind == SHARED)
        return map(READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | fixed, -1, place, bo->mapped_B);
    if (place == NULL)
        return map_private(bo->mapped_B);
    memory = map(READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, place, bo->mapped_B);
    if (memory != NULL && bo->mapped_B >= HUGE_B)
        madvise(memory, bo->mapped_B, MADV_HUGEPAGE);
    return memory;
}

int weft_bo_create_at(struct weft_device *device, uint64_t size_B, uint32_t flags, uint64_t address,
                      struct weft_bo **bo_out)
{
    bool sparse = (flags & WEFT_BO_SPARSE) != 0;
    bool shared = (flags & (WEFT_BO_SHARED | WEFT_BO_EXPORT)) != 0;
    uint64_t page_B = device->machine.page_B;
    void *place = NULL;
    struct weft_bo *bo;
    int rc, fd;

    if (address % page_B != 0)
        return -EADDRINUSE;
    rc = alloc_bo(sparse ? SPARSE : shared ? SHARED : PRIVATE, size_B, &bo);
    if (rc != 0)
        return rc;
    bo->mapped_B = sparse ? residency_offset_B(device, size_B) +
                                align_up(align_up(size_B, WEFT_RESIDENT_PAGE_B) /
                                             WEFT_RESIDENT_PAGE_B,
                                         page_B)
                          : align_up(size_B + GUARD_B, page_B);
    if (sparse) {
        rc = weft_backing_init(&bo->backing, align_up(size_B, page_B) / page_B);
        if (rc != 0) {
            free(bo);
            return rc;
        }
    }
    if (address != 0 || (flags & WEFT_BO_PLACED) != 0)
        place = weft_place_reserve(address, bo->mapped_B);
    if (address != 0 && place == NULL) {
        weft_backing_finish(&bo->backing, &device->mappings);
        free(bo);
        return -EADDRINUSE;
    }
    bo->memory = map_bo(bo, flags, place);
    if (bo->memory == NULL && place != NULL)
        munmap(place, bo->mapped_B);
    fd = bo->fd;
    rc = publish(bo, device, bo_out);
    if (rc != 0 && fd >= 0)
        close(fd);
    return rc;
}

int weft_bo_create(struct weft_device *device, uint64_t size_B, uint32_t flags,
                   struct weft_bo **bo_out)
{
    return weft_bo_create_at(device, size_B, flags, 0, bo_out);
}

int weft_bo_create_sparse(struct weft_device *device, uint64_t size_B, struct weft_bo **bo_out)
{
    return weft_bo_create_at(device, size_B, WEFT_BO_SPARSE, 0, bo_out);
}

int weft_bo_import_host(struct weft_device *device, void *memory, uint64_t size_B,
                        struct weft_bo **bo_out)
{
    uint64_t mask = device->machine.page_B - 1;
    struct weft_bo *bo;
    int rc;

    if (((uintptr_t)memory & mask) != 0 || (size_B & mask) != 0)
        return -EINVAL;
    rc = alloc_bo(HOST, size_B, &bo);
    if (rc != 0)
        return rc;
    bo->memory = memory;
    return publish(bo, device, bo_out);
}

int weft_bo_import_fd(struct weft_device *device, int fd, uint64_t size_B, struct weft_bo **bo_out)
{
    struct weft_bo *bo;
    /* fstat() does not know the size of a dma-buf, lseek() does. */
    off_t end = lseek(fd, 0, SEEK_END);
    int rc;

    if (end <= 0 || (uint64_t)end < size_B)
        return -EINVAL;
    rc = alloc_bo(SHARED, size_B, &bo);
    if (rc != 0)
        return rc;
    bo->fd = fd;
    size_B = align_up(size_B, device->machine.page_B);
    bo->mapped_B = size_B + device->machine.page_B;
    bo->memory = map_fd(fd, size_B, bo->mapped_B);
    if (bo->memory == NULL) {
        free(bo);
        return -EINVAL;
    }
    return publish(bo, device, bo_out);
}

/* A dma-buf of the memory, or -1 where the system has no way to make one. */
static int create_dma_buf(const struct weft_bo *bo)
{
    struct udmabuf_create create = {
        .memfd = (uint32_t)bo->fd,
        .flags = UDMABUF_FLAGS_CLOEXEC,
        .size = align_up(bo->size_B, bo->device->machine.page_B),
    };
    int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;

    if (device < 0)
        return -1;
    fd = ioctl(device, UDMABUF_CREATE, &create);
    close(device);
    return fd;
}

int weft_bo_export(const struct weft_bo *bo, bool dma_buf, int *fd_out)
{
    int fd = -1;

    if (bo->fd < 0)
        return -EINVAL;
    if (dma_buf)
        fd = create_dma_buf(bo);
    if (fd < 0)
        fd = fcntl(bo->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return -EMFILE;
    *fd_out = fd;
    return 0;
}

static bool is_pages(const struct weft_bo *bo, uint64_t offset_B, uint64_t size_B)
{
    uint64_t page_B = bo->device->machine.page_B, end_B = align_up(bo->size_B, page_B);

    return ((offset_B | size_B) & (page_B - 1)) == 0 && size_B != 0 && offset_B <= end_B &&
           size_B <= end_B - offset_B;
}

int weft_bo_map_at(const struct weft_bo *bo, uint64_t offset_B, uint64_t size_B, void *address)
{
    if (bo->kind != SHARED || !is_pages(bo, offset_B, size_B) ||
        ((uintptr_t)address & (bo->device->machine.page_B - 1)) != 0)
        return -EINVAL;
    return mremap((char *)bo->memory + offset_B, 0, size_B, MREMAP_MAYMOVE | MREMAP_FIXED,
                  address) != MAP_FAILED
               ? 0
               : -ENOMEM;
}

int weft_reserve(void *address, uint64_t size_B)
{
    return map(PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, address,
               size_B) != NULL
               ? 0
               : -ENOMEM;
}

void weft_unmap(void *address, uint64_t size_B)
{
    munmap(address, size_B);
}

uint8_t *weft_bo_residency(const struct weft_bo *sparse)
{
    return (uint8_t *)sparse->memory + residency_offset_B(sparse->device, sparse->size_B);
}

bool weft_bo_can_bind(const struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                      const struct weft_bo *bo, uint64_t bo_offset_B)
{
    return sparse->kind == SPARSE && is_pages(sparse, offset_B, size_B) &&
           (bo == NULL || (bo->kind == SHARED && is_pages(bo, bo_offset_B, size_B)));
}

int weft_bo_plan_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                      const struct weft_bo *bo, uint64_t bo_offset_B, uint64_t *undo)
{
    struct weft_device *device = sparse->device;
    uint64_t page_B = device->machine.page_B;

    return weft_backing_plan(&sparse->backing, &device->mappings, offset_B / page_B,
                             size_B / page_B, bo != NULL ? (uintptr_t)bo->memory + bo_offset_B : 0,
                             page_B, undo);
}

void weft_bo_revert_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                         const uint64_t *undo)
{
    struct weft_device *device = sparse->device;
    uint64_t page_B = device->machine.page_B;

    weft_backing_revert(&sparse->backing, &device->mappings, offset_B / page_B, size_B / page_B,
                        page_B, undo);
}

int weft_bo_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                 const struct weft_bo *bo, uint64_t bo_offset_B)
{
    void *address = (char *)sparse->memory + offset_B;
    int rc = bo != NULL ? weft_bo_map_at(bo, bo_offset_B, size_B, address)
             : map(READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, address,
                   size_B) != NULL
                 ? 0
                 : -ENOMEM;

    if (rc == 0)
        memset(weft_bo_residency(sparse) + offset_B / WEFT_RESIDENT_PAGE_B, bo != NULL,
               size_B / WEFT_RESIDENT_PAGE_B);
    return rc;
}

struct weft_bo *weft_bo_get(struct weft_bo *bo)
{
    if (bo != NULL)
        weft_ref_get(&bo->ref);
    return bo;
}

bool weft_bo_get_unless_zero(struct weft_bo *bo)
{
    return weft_ref_get_unless_zero(&bo->ref);
}

void weft_bo_put(struct weft_bo **bo_ref)
{
    struct weft_bo *bo = *bo_ref;
    struct weft_device *device;

    *bo_ref = NULL;
    if (bo == NULL || !weft_ref_put(&bo->ref))
        return;
    device = bo->device;
    /* Before the memory goes: its address may be somebody else's right after. */
    weft_vm_remove(&device->vm, bo, (uintptr_t)bo->memory);
    weft_backing_finish(&bo->backing, &device->mappings);
    if (bo->kind != HOST)
        munmap(bo->memory, bo->mapped_B);
    if (bo->fd >= 0)
        close(bo->fd);
    free(bo);
    weft_device_put(&device);
}

void weft_bo_close(struct weft_bo **bo_ref)
{
    struct weft_bo *bo = *bo_ref;

    if (bo != NULL)
        weft_vm_remove(&bo->device->vm, bo, (uintptr_t)bo->memory);
    weft_bo_put(bo_ref);
}

void *weft_bo_map(const struct weft_bo *bo)
{
    return bo->memory;
}

uint64_t weft_bo_size(const struct weft_bo *bo)
{
    return bo->size_B;
}
