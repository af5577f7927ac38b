// SPDX-License-Identifier: MIT
// What a user does with a driver: opens its files, reads and writes them, sends packets.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <glob.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/mman.h>
int main(int c, char **v)
{
	static unsigned char buf[8192];
	int fd, i, n;

	for (i = 1; i < c; i++) {
		char *a = v[i];
		if (!strncmp(a, "dev:", 4)) { fd = open(a + 4, O_RDWR); if (fd < 0) perror(a); }
		else if (!strncmp(a, "read:", 5)) printf("%ld\n", (long)read(fd, buf, atoi(a + 5)));
		else if (!strncmp(a, "write:", 6)) { memset(buf, 200, sizeof buf); printf("%ld\n", (long)write(fd, buf, atoi(a + 6))); }
		else if (!strcmp(a, "kick")) ioctl(fd, _IO('s', 1));
		else if (!strcmp(a, "info")) ioctl(fd, _IOR('s', 2, char[32]), buf);
		else if (!strncmp(a, "set:", 4)) { unsigned x = atoi(a + 4); ioctl(fd, _IOW('s', 3, unsigned), &x); }
		else if (!strcmp(a, "close")) close(fd);
		else if (!strncmp(a, "sleep:", 6)) usleep(1000 * atoi(a + 6));
		else if (!strncmp(a, "cat:", 4) || !strncmp(a, "put:", 4)) {
			glob_t g; char *f = a + 4, *e = strchr(f, '=');
			if (e) *e++ = 0;
			char *p = f; if (!glob(f, 0, 0, &g)) p = g.gl_pathv[0];
			fd = open(p, a[0] == 'c' ? O_RDONLY : O_WRONLY);
			if (fd < 0) { perror(p); continue; }
			if (a[0] == 'c') n = read(fd, buf, sizeof buf); else n = write(fd, e, strlen(e));
			printf("%s %d\n", p, n); close(fd);
		} else if (!strcmp(a, "up") || !strcmp(a, "down")) {
			struct ifreq r = { 0 }; int s = socket(AF_INET, SOCK_DGRAM, 0); struct sockaddr_in *in = (void *)&r.ifr_addr;
			strcpy(r.ifr_name, "eth0");
			if (a[0] == 'u') { in->sin_family = AF_INET; in->sin_addr.s_addr = inet_addr("10.0.2.15"); if (ioctl(s, SIOCSIFADDR, &r)) perror("addr"); }
			r.ifr_flags = a[0] == 'u' ? IFF_UP | IFF_BROADCAST : 0; if (ioctl(s, SIOCSIFFLAGS, &r)) perror("flags"); close(s);
		} else if (!strncmp(a, "send:", 5)) {
			int s = socket(AF_INET, SOCK_DGRAM, 0), on = 1; struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
			to.sin_addr.s_addr = inet_addr("10.0.2.255"); setsockopt(s, SOL_SOCKET, SO_BROADCAST, &on, 4);
			for (n = 0; n < atoi(a + 5); n++) if (sendto(s, buf, 300, 0, (void *)&to, sizeof to) < 0) perror("send");
			close(s);
		}
	}
	return 0;
}
