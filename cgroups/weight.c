/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logarithm and power by hand: libm would be one more shared object to load at every start
 * of berth, for one number. The series below are good to more than 12 digits.
 */
#include "cgroups/weight.h"

#define LN2 0.693147180559945309417232121458
#define LN10 2.302585092994045684017991454684

/* x >= 1 */
static double log2_of(double x)
{
	double whole = 0, sum = 0;

	for (; x >= 2; x /= 2)
		whole++;

	/* ln x = 2 artanh z, |z| <= 1/3 */
	double z = (x - 1) / (x + 1), power = z;

	for (int i = 1; i < 50; i += 2) {
		sum += power / i;
		power *= z * z;
	}
	return whole + 2 * sum / LN2;
}

/* 0 <= x <= 4 */
static double power_of_10(double x)
{
	double sum = 1, term = 1;

	/* e^(y/16), then four squarings: the series gets a small argument */
	x *= LN10 / 16;
	for (int i = 1; i < 30; i++) {
		term *= x / i;
		sum += term;
	}
	for (int i = 0; i < 4; i++)
		sum *= sum;
	return sum;
}

unsigned cg_weight_of_shares(uint64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;

	double l = log2_of((double)shares);
	double weight = power_of_10((l * l + 125 * l) / 612 - 7.0 / 34);
	unsigned down = (unsigned)(weight - 1e-7);

	/* rounded up, but 100.00000001 for 1024 is 100 */
	return down + 1;
}

unsigned cg_io_weight(unsigned weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}
