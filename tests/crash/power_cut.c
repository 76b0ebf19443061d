/* A power cut for one process: what it wrote and did not sync is not on the disk.
 *
 * Loaded with LD_PRELOAD. Whenever a file below $POWER_CUT_WATCHED is synced, its content as it is then is copied to the
 * folder $POWER_CUT_DISK: that folder is what a disk would hold. To cut the power, kill the process and put the files of
 * that folder in place of the others (tests/crash/power.py). Removing a file removes it from the disk at once, and so
 * does shared memory (-shm), which no disk ever holds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_unlink)(const char *);

static void find_real(void) {
    if (real_unlink) return;
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
}

/* Where on the disk a watched file stands; 0 when it is not watched. */
static int place_on_disk(const char *path, char *place) {
    const char *watched = getenv("POWER_CUT_WATCHED"), *disk = getenv("POWER_CUT_DISK");
    size_t length = strlen(path);
    if (!watched || !disk || strncmp(path, watched, strlen(watched)) != 0) return 0;
    if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return 0;
    snprintf(place, 4096, "%s/%s", disk, strrchr(path, '/') + 1);
    return 1;
}

static void copy_to_disk(int descriptor) {
    char link[64], path[4096], place[4096], unfinished[4160], buffer[65536];
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    if (!place_on_disk(path, place) || fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) return;
    snprintf(unfinished, sizeof unfinished, "%s.%d.unfinished", place, descriptor);
    int source = open(path, O_RDONLY | O_CLOEXEC), target = open(unfinished, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (source < 0 || target < 0) abort();
    while ((length = read(source, buffer, sizeof buffer)) > 0)
        if (write(target, buffer, (size_t)length) != length) abort();
    close(source);
    close(target);
    if (rename(unfinished, place) != 0) abort();
}

int fsync(int descriptor) {
    find_real();
    copy_to_disk(descriptor);
    return real_fsync(descriptor);
}

int fdatasync(int descriptor) {
    find_real();
    copy_to_disk(descriptor);
    return real_fdatasync(descriptor);
}

int unlink(const char *path) {
    char place[4096];
    find_real();
    if (place_on_disk(path, place)) real_unlink(place);
    return real_unlink(path);
}
