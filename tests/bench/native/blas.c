/* SPDX-License-Identifier: MIT
 *
 * A tuned library's matrix product, where the machine has one; loaded at run time, so that the
 * benchmark builds without it.
 */
#include <dlfcn.h>
#include <string.h>

#include "native.h"

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };

typedef void sgemm_fn(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                      const float *a, int lda, const float *b, int ldb, float beta, float *c,
                      int ldc);

static sgemm_fn *find(void)
{
    static sgemm_fn *sgemm;
    static bool looked;
    if (!looked) {
        void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
        void *symbol = library ? dlsym(library, "cblas_sgemm") : NULL;
        memcpy(&sgemm, &symbol, sizeof(sgemm));
        looked = true;
    }
    return sgemm;
}

bool blas_found(void)
{
    return find() != NULL;
}

static void product(void *const *buffers, int n)
{
    find()(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, n, n, n, 1, buffers[0], n, buffers[1], n, 0,
           buffers[2], n);
}

void blas_matmul512(void *const *buffers)
{
    product(buffers, 512);
}

void blas_matmul1024(void *const *buffers)
{
    product(buffers, 1024);
}
