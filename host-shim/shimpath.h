/* SPDX-License-Identifier: ISC */
/* Where things are by default, for vamtd and vamtctl alike. */
#ifndef VAMT_SHIM_SHIMPATH_H
#define VAMT_SHIM_SHIMPATH_H

#include <sys/types.h>

enum { SHIMPATH_CAP = 480 };

#define SHIMPATH_VERSION "0.1"

/* VAMT_SOCKET; root: /run/vamt/vamtd.sock; else below XDG_RUNTIME_DIR (or /tmp). */
void shimpath_socket(char dst[SHIMPATH_CAP]);
/* root: /var/lib/vamt; else below XDG_STATE_HOME or HOME. */
void shimpath_state(char dst[SHIMPATH_CAP]);
/* Beside the program in a build tree, or ../share/vamt/vamt.fd from where it is
 * installed. */
void shimpath_image(char dst[SHIMPATH_CAP]);
/* VAMT_PROFILES; else the latency profiles: in the source tree that the program was built
 * in, or ../share/vamt/profiles from where it is installed. */
void shimpath_profiles(char dst[SHIMPATH_CAP]);
/* Relative paths start at the working directory. */
void shimpath_absolute(const char *path, char dst[SHIMPATH_CAP]);
/* mkdir -p. 0, or -1 with errno. */
int shimpath_make(const char *folder, mode_t mode);

#endif
