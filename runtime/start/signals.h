/* SPDX-License-Identifier: Apache-2.0 */
/* What a new process starts with: every signal at its default, none blocked. */
#pragma once

void signals_reset(void);
