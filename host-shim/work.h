/* SPDX-License-Identifier: ISC */
/*
 * Work that blocks, away from the event loop: a few threads take jobs in order; the result
 * comes back to the loop. A job is embedded in its owner's struct and belongs to the pool
 * from work_push until `done` is called.
 */
#ifndef VAMT_SHIM_WORK_H
#define VAMT_SHIM_WORK_H

struct work {
    void (*run)(struct work *work);  /* on a worker thread; may block */
    void (*done)(struct work *work); /* on the event loop; may free the job */
    struct work *next;
};

/* After loop_init. 0 or ERR_IO. */
int work_start(unsigned threads);
void work_push(struct work *work);
/* From any thread: only `done`, on the event loop. */
void work_post(struct work *work);
/* Start no more jobs; nothing is called back any more. */
void work_stop(void);

#endif
