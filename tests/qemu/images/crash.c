/* SPDX-License-Identifier: ISC */
/* Does the one forbidden thing that the seed "fault" names, and says so if it went through. */
#include <string.h>

#include "base/log.h"
#include "base/panic.h"
#include "base/util.h"
#include "hal/board.h"
#include "main.h"

static const struct log_sink sink = {board_console_write, board_now_us};
static const int constant = 1;
static uint8_t code_in_data[16] = {0xC3}; /* ret */
static void (*volatile call)(void);

static void write_text(void)
{
    *(volatile uint8_t *)(uintptr_t)firmware_main = 0x90;
}

static void write_constant(void)
{
    *(volatile int *)(uintptr_t)&constant = 2;
}

static void write_page_table(void)
{
    uintptr_t cr3;

    __asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
    *(volatile uint64_t *)cr3 = 0;
}

static void run_data(void)
{
    call = (void (*)(void))(uintptr_t)code_in_data;
    call();
}

static void run_constant(void)
{
    static const uint8_t code[16] = {0xC3};

    call = (void (*)(void))(uintptr_t)code;
    call();
}

static void run_stack(void)
{
    volatile uint8_t code[16] = {0xC3};

    call = (void (*)(void))(uintptr_t)code;
    call();
}

static void run_address(uintptr_t address)
{
    call = (void (*)(void))address;
    call();
}

static void run_null(void)
{
    run_address(0);
}

/* Below the image; whether there is a flash or not. */
static void run_nvram(void)
{
    extern const uint8_t __image_start[];

    run_address((uintptr_t)__image_start - 4096);
}

static void run_device(void)
{
    run_address(0xFEE00000);
}

static void run_heap(void)
{
    extern const uint8_t __bss_end[];

    run_address((uintptr_t)__bss_end);
}

static void write_null(void)
{
    volatile uint8_t *volatile p = NULL;

    *p = 1;
}

static void write_reset_page(void)
{
    extern uint8_t __flash_end[];

    *(volatile uint8_t *)((uintptr_t)__flash_end - 16) = 0;
}

static void hang(void)
{
    for (;;) {
        __asm__ volatile("pause");
    }
}

static void hang_halted(void)
{
    __asm__ volatile("1: cli; hlt; jmp 1b");
}

static void read_null(void)
{
    volatile uint8_t *volatile p = NULL;

    (void)*p;
}

static volatile int depth_max = 1000000; /* far deeper than any stack here */

static int overflow_stack(int depth)
{
    volatile int here = depth; /* used after the call, so that it stays a call */

    return depth < depth_max ? overflow_stack(depth + 1) + here : 0;
}

static void exhaust_stack(void)
{
    (void)overflow_stack(0);
}

static void smash_stack(void)
{
    uint8_t small[16];
    volatile size_t len = 64;

    memset(small, 0x41, len);
    __asm__ volatile("" : : "r"(small) : "memory");
}

static void do_panic(void)
{
    panic("told to, %d", 42);
}

static const struct {
    const char *name;
    void (*run)(void);
} faults[] = {
    {"write-text", write_text},
    {"write-constant", write_constant},
    {"write-page-table", write_page_table},
    {"run-data", run_data},
    {"run-constant", run_constant},
    {"run-stack", run_stack},
    {"run-null", run_null},
    {"run-nvram", run_nvram},
    {"run-device", run_device},
    {"run-heap", run_heap},
    {"read-null", read_null},
    {"write-null", write_null},
    {"write-reset-page", write_reset_page},
    {"hang", hang},
    {"hang-halted", hang_halted},
    {"exhaust-stack", exhaust_stack},
    {"smash-stack", smash_stack},
    {"panic", do_panic},
};

void firmware_main(void)
{
    char name[32] = "";

    log_init(&sink);
    board_start();
    (void)!board_seed("fault", name, sizeof(name) - 1);
    for (size_t i = 0; i < UTIL_COUNT(faults); i++) {
        if (strcmp(name, faults[i].name) == 0) {
            log_info("test", "trying %s", name);
            faults[i].run();
            log_info("test", "%s went through", name);
        }
    }
    size_t size;
    size_t most = board_stack_most(&size);
    extern const uintptr_t __stack_chk_guard;
    log_info("test", "canary %016lx", (unsigned long)__stack_chk_guard);
    log_info("test", "end, stack %zu of %zu", most, size);
    for (;;) {
        board_watchdog();
        board_idle(UINT64_MAX);
    }
}
