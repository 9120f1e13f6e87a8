/* SPDX-License-Identifier: MIT */
#ifndef FAKE_COMPILER_H
#define FAKE_COMPILER_H

#include "weft/compile.h"
#include "weft/kernel.h"

enum { FAKE_OK = 1, FAKE_INVALID, FAKE_BAD_IMAGE, FAKE_SILENT, FAKE_SLOW, FAKE_ONLY_FAST };

#endif
