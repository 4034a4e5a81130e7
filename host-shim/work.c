/* SPDX-License-Identifier: ISC */
/* A small thread pool, see work.h. */
#include "work.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "loop.h"

struct queue {
    struct work *first;
    struct work **last;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_todo = PTHREAD_COND_INITIALIZER;
static struct queue todo = {NULL, &todo.first};
static struct queue finished = {NULL, &finished.first};
static bool is_stopping;
static struct loop_fd wake = {.fd = -1};

static void append(struct queue *q, struct work *work)
{
    work->next = NULL;
    *q->last = work;
    q->last = &work->next;
}

static struct work *take(struct queue *q)
{
    struct work *work = q->first;

    if (work != NULL) {
        q->first = work->next;
        if (q->first == NULL) {
            q->last = &q->first;
        }
    }
    return work;
}

static void *thread_main(void *unused)
{
    (void)unused;
    for (;;) {
        struct work *work;

        pthread_mutex_lock(&mutex);
        while (todo.first == NULL && !is_stopping) {
            pthread_cond_wait(&has_todo, &mutex);
        }
        work = is_stopping ? NULL : take(&todo);
        pthread_mutex_unlock(&mutex);
        if (work == NULL) {
            return NULL;
        }
        work->run(work);
        work_post(work);
    }
}

static void on_wake(void *unused, uint32_t events)
{
    uint64_t count;

    (void)unused;
    (void)events;
    if (read(wake.fd, &count, sizeof count) < 0) {
        return;
    }
    for (;;) {
        struct work *work;

        pthread_mutex_lock(&mutex);
        work = take(&finished);
        pthread_mutex_unlock(&mutex);
        if (work == NULL) {
            return;
        }
        work->done(work);
    }
}

int work_start(unsigned threads)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    wake.fn = on_wake;
    if (fd < 0 || loop_add(&wake, fd, EPOLLIN) != 0) {
        return ERR_IO;
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, thread_main, NULL) != 0) {
            return ERR_IO;
        }
        pthread_detach(thread);
    }
    return 0;
}

void work_push(struct work *work)
{
    pthread_mutex_lock(&mutex);
    append(&todo, work);
    pthread_cond_signal(&has_todo);
    pthread_mutex_unlock(&mutex);
}

void work_post(struct work *work)
{
    static const uint64_t one = 1;

    pthread_mutex_lock(&mutex);
    append(&finished, work);
    if (!is_stopping && write(wake.fd, &one, sizeof one) < 0) {
        /* the counter is at its end: the loop is awake already */
    }
    pthread_mutex_unlock(&mutex);
}

void work_stop(void)
{
    pthread_mutex_lock(&mutex);
    is_stopping = true;
    pthread_cond_broadcast(&has_todo);
    pthread_mutex_unlock(&mutex);
}
