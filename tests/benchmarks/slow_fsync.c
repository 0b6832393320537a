/* Loaded before libc (LD_PRELOAD): every flush to the disk takes DELAY_MICROSECONDS longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

#ifndef DELAY_MICROSECONDS
#define DELAY_MICROSECONDS 1000
#endif

static void wait_longer(void) {
    struct timespec delay = {0, DELAY_MICROSECONDS * 1000L};
    nanosleep(&delay, 0);
}

#define SLOWER(name)                                          \
    int name(int file) {                                      \
        static int (*real)(int);                              \
        if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
        int result = real(file);                              \
        wait_longer();                                        \
        return result;                                        \
    }

SLOWER(fsync)
SLOWER(fdatasync)
