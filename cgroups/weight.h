/* SPDX-License-Identifier: Apache-2.0 */
/* From the numbers of cgroup v1, in which the specification speaks, to those of v2. */
#pragma once

#include <stdint.h>

/*
 * cpu.weight (1 to 10000) for cpu.shares (2 to 262144; outside is clamped as v1 does it):
 * the quadratic in log2(shares) that takes 2, 1024 and 262144 to 1, 100 and 10000.
 */
unsigned cg_weight_of_shares(uint64_t shares);

/* io.weight (1 to 10000) for blkio.weight (10 to 1000): linear. */
unsigned cg_io_weight(unsigned weight);
