#include "bench/bench_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/format/command_json.h"

#define KINDS      5
#define BLOCK_KEPT 8192 /* lines: a few MB, as a reader's block is */
#define LINE_ROOM  512

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int line_write(char *out, uint32_t n)
{
    switch (n % KINDS) {
    case 0:
        return snprintf(out, LINE_ROOM,
                        "{\"type\":\"order\",\"id\":\"SO-%08u\",\"customer\":\"C-%06u\","
                        "\"date\":\"2025-03-31\",\"lines\":[{\"product\":\"SKU-%04u\","
                        "\"quantity\":\"2\",\"price\":\"19.99\",\"tax_rate\":\"19\"},"
                        "{\"product\":\"SKU-%04u\",\"quantity\":\"1\",\"price\":\"5.00\"}]}\n",
                        n, n % 99991, n % 997, n % 991);
    case 1:
        return snprintf(out, LINE_ROOM,
                        "{\"type\":\"shipment\",\"id\":\"SH-%08u\",\"order\":\"SO-%08u\"}\n", n, n);
    case 2:
        return snprintf(out, LINE_ROOM,
                        "{\"type\":\"invoice\",\"id\":\"INV-%08u\",\"order\":\"SO-%08u\","
                        "\"date\":\"2025-04-01\",\"at\":\"2025-04-01T09:30:00Z\"}\n",
                        n, n);
    case 3:
        return snprintf(out, LINE_ROOM,
                        "{\"type\":\"receipt\",\"id\":\"R-%08u\",\"amount\":\"53.57\","
                        "\"currency\":\"EUR\",\"date\":\"2025-04-20\",\"text\":\"Rechnung "
                        "INV-%08u vielen Dank\",\"references\":[\"INV-%08u\"]}\n",
                        n, n, n);
    default:
        return snprintf(out, LINE_ROOM,
                        "{\"type\":\"application\",\"receipt\":\"R-%08u\",\"invoice\":"
                        "\"INV-%08u\",\"amount\":\"53.57\"}\n",
                        n, n);
    }
}

static bool pass(struct fl_command_json *reader, const char *text, const uint32_t *starts,
                 uint32_t lines)
{
    struct fl_command *command;
    for (uint32_t i = 0; i < lines; i++) {
        uint32_t k = i % BLOCK_KEPT;
        if (fl_command_json_read(reader, text + starts[k], starts[k + 1] - starts[k] - 1,
                                 &command) != FL_OK)
            return false;
    }
    return true;
}

double fl_bench_json_read(uint32_t lines, double *bytes_out)
{
    struct fl_command_json reader;
    char *text = malloc((size_t)BLOCK_KEPT * LINE_ROOM + FL_JSON_PADDING);
    uint32_t *starts = malloc((BLOCK_KEPT + 1) * sizeof *starts);
    double rate = 0;
    if (fl_command_json_open(&reader, "Europe/Berlin", 13) == FL_OK && text && starts) {
        starts[0] = 0;
        for (uint32_t i = 0; i < BLOCK_KEPT; i++)
            starts[i + 1] = starts[i] + (uint32_t)line_write(text + starts[i], i);
        memset(text + starts[BLOCK_KEPT], 0, FL_JSON_PADDING);
        reader.now_us = INT64_C(1750000000000000);
        double begin_s = now_s();
        if (pass(&reader, text, starts, lines))
            rate = lines / (now_s() - begin_s);
        if (bytes_out)
            *bytes_out = (double)starts[BLOCK_KEPT] / BLOCK_KEPT;
    }
    fl_command_json_close(&reader);
    free(text);
    free(starts);
    return rate;
}
