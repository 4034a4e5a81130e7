/* SPDX-License-Identifier: ISC */
/*
 * Descriptor tables, and what the firmware says when it fails: message, registers, and the
 * code addresses found on the stack. tools/gdb-qemu or addr2line name them.
 */
#include "cpu-x86_64/exception.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/panic.h"
#include "base/sbuf.h"
#include "cpu-x86_64/cpu_bits.h"
#include "cpu-x86_64/cpu_x86.h"
#include "config.h"
#include "hal/board.h"

enum {
    GATE_INTERRUPT = 0x8E, /* present, ring 0, 64-bit interrupt gate */
    STACK_CAP = 4096,
    STUB_SIZE = 16,
    VECTOR_PAGE_FAULT = 14,
    STACK_WORDS = 256, /* of the failing stack looked at */
    TRACE_MAX = 12
};

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t stack; /* which TSS stack, 0: the current one */
    uint8_t flags;
    uint16_t offset_mid;
    uint32_t offset_high;
    uint32_t reserved;
};

struct exception_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

extern const uint8_t exception_stubs[];
extern const uint8_t __text_start[];
extern const uint8_t __flash_end[];
extern const uint8_t __stack_start[];
extern const uint8_t __stack_top[];
void exception_entry_work(void);
void exception_entry_config(void);
void exception_entry_timer(void);
void exception_entry_spurious(void);
void exception_report(const struct exception_frame *frame) UTIL_NORETURN;

volatile uint32_t exception_counts[3];

static struct gate gates[EXCEPTION_VECTOR_COUNT];
static uint64_t descriptors[6];
static uint32_t task_state[26]; /* SDM 3A, 8.7: only stack IST1 is used */
static uint8_t exception_stack[STACK_CAP] __attribute__((aligned(16)));
static unsigned failures; /* how many failures deep we are */

static void set_gate(unsigned vector, uintptr_t entry, uint8_t stack)
{
    gates[vector] = (struct gate){.offset_low = (uint16_t)entry,
                                  .selector = CPU_SEL_CODE64,
                                  .stack = stack,
                                  .flags = GATE_INTERRUPT,
                                  .offset_mid = (uint16_t)(entry >> 16),
                                  .offset_high = (uint32_t)(entry >> 32)};
}

/* Long mode needs little of a GDT; the TSS descriptor must be writable, so it is in RAM. */
static void load_descriptors(void)
{
    uint64_t tss = (uintptr_t)task_state;
    uint64_t stack = (uintptr_t)(exception_stack + STACK_CAP);
    struct table_pointer pointer = {sizeof(descriptors) - 1, (uintptr_t)descriptors};

    /* IST1 is at byte 36 of the TSS, the I/O map base at byte 102: beyond the limit. */
    task_state[9] = (uint32_t)stack;
    task_state[10] = (uint32_t)(stack >> 32);
    task_state[25] = (uint32_t)sizeof(task_state) << 16;

    descriptors[CPU_SEL_CODE64 / 8] = 0x00AF9B000000FFFF;
    descriptors[CPU_SEL_DATA / 8] = 0x00CF93000000FFFF;
    descriptors[CPU_SEL_TSS / 8] = (sizeof(task_state) - 1) | (tss & 0xFFFFFF) << 16 |
                                   0x89ull << 40 | (tss >> 24 & 0xFF) << 56;
    descriptors[CPU_SEL_TSS / 8 + 1] = tss >> 32;

    __asm__ volatile("lgdt %0; ltr %w1" : : "m"(pointer), "r"(CPU_SEL_TSS) : "memory");
}

void exception_init(void)
{
    struct table_pointer pointer = {sizeof(gates) - 1, (uintptr_t)gates};

    load_descriptors();
    for (unsigned i = 0; i < EXCEPTION_COUNT; i++) {
        set_gate(i, (uintptr_t)exception_stubs + i * STUB_SIZE, 1);
    }
    set_gate(EXCEPTION_VECTOR_WORK, (uintptr_t)exception_entry_work, 0);
    set_gate(EXCEPTION_VECTOR_CONFIG, (uintptr_t)exception_entry_config, 0);
    set_gate(EXCEPTION_VECTOR_TIMER, (uintptr_t)exception_entry_timer, 0);
    set_gate(EXCEPTION_VECTOR_SPURIOUS, (uintptr_t)exception_entry_spurious, 0);
    __asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

static const char *exception_name(uint64_t vector)
{
    static const char *const names[] = {"divide error",
                                        "debug",
                                        "NMI",
                                        "breakpoint",
                                        "overflow",
                                        "bound",
                                        "invalid opcode",
                                        "no FPU",
                                        "double fault",
                                        "",
                                        "invalid TSS",
                                        "segment missing",
                                        "stack segment",
                                        "general protection",
                                        "page fault",
                                        "",
                                        "FPU error",
                                        "alignment",
                                        "machine check",
                                        "SIMD error"};

    return vector < UTIL_COUNT(names) && *names[vector] != '\0' ? names[vector]
                                                                : "unknown";
}

static void print(struct sbuf *line)
{
    sbuf_put_u8(line, '\n');
    board_console_write(sbuf_span(line));
    sbuf_reset(line);
}

static void print_registers(struct sbuf *line, const struct exception_frame *f)
{
    const struct {
        const char *name;
        uint64_t value;
    } values[] = {{"rip", f->rip}, {"rsp", f->rsp}, {"rfl", f->rflags}, {"cs ", f->cs},
                  {"rax", f->rax}, {"rbx", f->rbx}, {"rcx", f->rcx},    {"rdx", f->rdx},
                  {"rsi", f->rsi}, {"rdi", f->rdi}, {"rbp", f->rbp},    {"r8 ", f->r8},
                  {"r9 ", f->r9},  {"r10", f->r10}, {"r11", f->r11},    {"r12", f->r12},
                  {"r13", f->r13}, {"r14", f->r14}, {"r15", f->r15}};

    for (size_t i = 0; i < UTIL_COUNT(values); i++) {
        sbuf_printf(line, "  %s ", values[i].name);
        sbuf_put_hex(line, values[i].value, 16, false);
        if (i % 4 == 3) {
            print(line);
        }
    }
    print(line);
}

/* Without frame pointers: every word on the stack that could be a return address. */
static void print_trace(struct sbuf *line, uint64_t rsp)
{
    uint64_t top = (uintptr_t)__stack_top;
    unsigned found = 0;

    sbuf_put_str(line, "  calls");
    if (rsp % 8 == 0 && rsp >= (uintptr_t)__stack_start) {
        for (unsigned i = 0; i < STACK_WORDS && rsp + 8 * i < top; i++) {
            uint64_t word = *(const uint64_t *)(uintptr_t)(rsp + 8 * i);

            if (word > (uintptr_t)__text_start && word < (uintptr_t)__flash_end &&
                found++ < TRACE_MAX) {
                sbuf_put_str(line, " ");
                sbuf_put_hex(line, word, 8, false);
            }
        }
    }
    print(line);
}

/* Called by exception_entry.S on the exception stack. */
void exception_report(const struct exception_frame *frame)
{
    uint8_t text[CONFIG_LOG_LINE_CAP];
    struct sbuf line;
    uint64_t address = 0;

    sbuf_init(&line, text, sizeof(text));
    if (failures++ > 1) {
        exception_stop(); /* failed while reporting */
    }
    if (failures == 1) {
        sbuf_printf(&line, "PANIC %s (exception %u, error %x)",
                    exception_name(frame->vector), (unsigned)frame->vector,
                    (unsigned)frame->error);
        if (frame->vector == VECTOR_PAGE_FAULT) {
            __asm__ volatile("movq %%cr2, %0" : "=r"(address));
            sbuf_put_str(&line, " at ");
            sbuf_put_hex(&line, address, 16, false);
        }
        print(&line);
    }
    print_registers(&line, frame);
    print_trace(&line, frame->rsp);
    exception_stop();
}

void panic_at(const char *file, int line, const char *format, ...)
{
    uint8_t text[CONFIG_LOG_LINE_CAP];
    struct sbuf out;
    va_list args;

    if (failures++ == 0) {
        sbuf_init(&out, text, sizeof(text));
        sbuf_printf(&out, "PANIC %s:%d: ", file, line);
        va_start(args, format);
        sbuf_vprintf(&out, format, args);
        va_end(args);
        print(&out);
    }
    /* The registers are printed by the exception. */
    __asm__ volatile("ud2");
    __builtin_unreachable();
}
