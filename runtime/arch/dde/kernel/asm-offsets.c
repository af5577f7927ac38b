// SPDX-License-Identifier: GPL-2.0-only
/* Needed by Kbuild for every architecture; nothing is generated. */
int main(void)
{
	return 0;
}
