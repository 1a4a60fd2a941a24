/* statement_recorder.h - a sink that keeps what a statement parser says, for tests to look at. */
#ifndef FLORIN_TESTS_SUPPORT_STATEMENT_RECORDER_H
#define FLORIN_TESTS_SUPPORT_STATEMENT_RECORDER_H

#include "tools/ingest/statement_reader.h"

struct recorded_line {
    uint32_t statement; /* index */
    uint64_t line, identity;
    uint32_t n, batch_part, batch_parts, references_count;
    char booking[11], value[11], amount[24], charges[24];
    char currency[4];
    bool booked, reversal;
    char text[400], bank_ref[64], customer_ref[64], end_to_end[64];
    char name[100], account[64], code[40], return_reason[16];
    char references[4][64];
    char reference_amounts[4][24];
    uint32_t availability_count;
    struct {
        uint32_t days;
        char amount[24];
    } availability[16];
};

struct recorded_statement {
    uint64_t line;
    int kind;
    char account[64], id[64], sequence[40], currency[4];
    char from[11], to[11], opening[24], closing[24], sum[24], difference[24];
    bool balanced, page_missing, ended;
    uint32_t pages, lines, not_booked;
    char note[200];
    uint32_t balances_count;
    struct {
        char code[8], date[11], amount[24];
    } balances[16];
};

struct statement_recorder {
    struct recorded_statement *statements;
    struct recorded_line *lines;
    size_t statements_count, lines_count, lines_capacity;
    struct {
        uint64_t line;
        enum fl_status code;
        char message[120];
    } refused[32];
    size_t refused_count, warnings_count;
    char last_warning[160];
    struct fl_statement_summary summary;
    enum fl_statement_format format;
    enum fl_status status;
    struct fl_error error;
};

/* Amounts print with as many decimals as they have; "-" is absent. Free with recorder_free. */
struct statement_recorder *recorder_read(struct fl_byte_source source, const char *charset);
struct statement_recorder *recorder_read_profile(struct fl_byte_source source,
                                                 const struct fl_statement_profile *profile);
struct statement_recorder *recorder_read_text(const char *text, size_t step);
struct statement_recorder *recorder_read_file(const char *path, size_t step);
void recorder_free(struct statement_recorder *recorder);
/* Everything in one text; the caller frees it. */
char *recorder_transcript(const struct statement_recorder *recorder);

#endif
