/* What a service manager and its services tell each other, without its library: socket activation (LISTEN_FDS) and readiness
 * (NOTIFY_SOCKET), as sd_listen_fds(3) and sd_notify(3) describe them. */
#ifndef TEND_SERVE_NOTIFY_H
#define TEND_SERVE_NOTIFY_H

int notify_listen_fd(void); /* -1: none was handed over */
void notify_ready(void);

#endif
