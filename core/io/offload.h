// A small pool of threads for what burns CPU or can't be asynchronous: password hashing, PDF,
// images, archives. The function runs in a pool thread and touches nothing of the loop; the calling
// fiber waits until it has ended.
#pragma once

#include <stdbool.h>

// `threads` workers with their own stacks; once per process, after fork.
void offload_init(int threads);

// False, and nothing ran, when the queue is full (a 503 for whoever asked).
bool offload(void (*run)(void *arg), void *arg);
