/* The version of tend, from the build. */
#ifndef TEND_FLOW_VERSION_H
#define TEND_FLOW_VERSION_H

#ifndef TEND_VERSION
#error "TEND_VERSION comes from the build"
#endif

/* Who is at work: TEND_USER in the environment, else the system's name for this user. */
const char *tend_user_name(void);

#endif
