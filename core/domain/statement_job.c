#include "core/domain/statement_job.h"

#include "core/domain/bank_opening.h"
#include "core/domain/job.h"
#include "core/domain/statement_line.h"

/* ---- parts ------------------------------------------------------------------------------------------ */

static bool is_named(const struct fl_store *store, uint32_t row, uint32_t account, const char *id,
                     size_t length)
{
    const struct fl_statement_card *card = fl_statement_card(store, row);
    return card->account == account && card->id.length == length &&
           memcmp(fl_text_get(store, FL_TABLE_text, card->id), id, length) == 0;
}

/* Candidates come in any order: the highest row is the newest. */
static uint32_t newest_row(const struct fl_state *s, uint32_t account, const char *id, size_t length,
                           bool parts)
{
    struct fl_index_cursor cursor;
    uint32_t newest = FL_NO_ROW;
    const struct fl_hash_index *index = &s->index[FL_INDEX_STATEMENT];
    uint64_t hash = fl_key_hash(s, FL_INDEX_STATEMENT, id, length) + account;
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        if (is_named(&s->store, row, account, id, length) &&
            (!parts || fl_statement_live(&s->store, row)->part > 0) &&
            (newest == FL_NO_ROW || row > newest))
            newest = row;
    }
    return newest;
}

uint32_t fl_statement_part_waiting(const struct fl_state *s, uint32_t account, const char *id,
                                   size_t length)
{
    uint32_t newest = newest_row(s, account, id, length, true);
    if (newest == FL_NO_ROW)
        return FL_NO_ROW;
    uint32_t first = fl_statement_live(&s->store, newest)->first_part;
    bool waits = fl_statement_live(&s->store, first)->state == FL_STATEMENT_PARTS_MISSING;
    return waits ? newest : FL_NO_ROW;
}

uint32_t fl_statement_job(const struct fl_state *s, const struct fl_command *command)
{
    const struct fl_command_statement *b = fl_command_body(command);
    uint32_t account =
        fl_find_bank_account(s, fl_command_text(command, b->account), b->account.length);
    if (account == FL_NO_ROW)
        return 0;
    uint32_t newest = newest_row(s, account, fl_command_text(command, command->id),
                                 command->id.length, false);
    if (newest == FL_NO_ROW)
        return 0;
    return fl_statement_live(&s->store, fl_statement_live(&s->store, newest)->first_part)->job;
}

bool fl_statement_part_is_known(const struct fl_state *s, uint32_t account, const char *id,
                                size_t length, uint32_t part)
{
    struct fl_index_cursor cursor;
    const struct fl_hash_index *index = &s->index[FL_INDEX_STATEMENT];
    uint64_t hash = fl_key_hash(s, FL_INDEX_STATEMENT, id, length) + account;
    for (uint32_t row = fl_hash_index_first(index, hash, &cursor); row != FL_NO_ROW;
         row = fl_hash_index_next(index, &cursor)) {
        if (is_named(&s->store, row, account, id, length) &&
            fl_statement_live(&s->store, row)->part == part)
            return true;
    }
    return false;
}

/* ---- the job ------------------------------------------------------------------------------------------ */

static bool has_lines(const struct fl_store *store, uint32_t first)
{
    while (first != FL_NO_ROW && fl_statement_card(store, first)->line_count == 0)
        first = fl_statement_live(store, first)->next_part;
    return first != FL_NO_ROW;
}

bool fl_statement_complete(struct fl_context *c, uint32_t statement)
{
    struct fl_state *s = c->s;
    uint32_t first = fl_statement_live(&s->store, statement)->first_part;
    if (fl_statement_live(&s->store, first)->part > 0)
        fl_opening_bring(c, first);
    struct fl_statement_live *head = fl_statement_live_write(&s->store, first);
    head->state = FL_STATEMENT_POSTED;
    if (!has_lines(&s->store, first))
        return false;
    head->state = FL_STATEMENT_POSTING;
    head->job = fl_job_begin(s, FL_JOB_STATEMENT, first);
    fl_job_live_write(&s->store, head->job - 1)->at = first;
    bool through = fl_statement_advance(s, head->job - 1);
    FL_ASSERT(!through);
    return true;
}

bool fl_statement_advance(struct fl_state *s, uint32_t job_row)
{
    struct fl_job_live *job = fl_job_live_write(&s->store, job_row);
    while (job->at != FL_NO_ROW &&
           job->at_done == fl_statement_card(&s->store, job->at)->line_count) {
        job->at = fl_statement_live(&s->store, job->at)->next_part;
        job->at_done = 0;
    }
    if (job->at != FL_NO_ROW)
        return false;
    fl_statement_live_write(&s->store, job->row)->state = FL_STATEMENT_POSTED;
    return true;
}

static uint32_t next_lines(const struct fl_store *store, const struct fl_job_live *job,
                           uint32_t *first_out)
{
    const struct fl_statement_card *card = fl_statement_card(store, job->at);
    uint32_t left = card->line_count - job->at_done;
    FL_ASSERT(job->at_done < card->line_count);
    *first_out = card->line_first + job->at_done;
    return left < FL_SLICE_ITEMS ? left : FL_SLICE_ITEMS;
}

uint32_t fl_statement_slice_rows(const struct fl_state *s, uint32_t job_row)
{
    uint32_t first;
    uint64_t rows = 64;
    uint32_t count = next_lines(&s->store, fl_job_live(&s->store, job_row), &first);
    for (uint32_t line = first; line < first + count; line++)
        rows += fl_line_rows_worst(&s->store, line);
    return rows < UINT32_MAX ? (uint32_t)rows : UINT32_MAX;
}

/* What a line may settle weighs like the lines of an order (B2). */
static uint32_t line_weight(const struct fl_store *store, uint32_t line)
{
    uint32_t weight = 1;
    for (uint32_t at = 0; fl_line_reference(store, line, &at) != NULL;)
        weight++;
    return weight;
}

enum fl_status fl_statement_slice(struct fl_context *c, uint32_t job_row, uint32_t *n)
{
    struct fl_state *s = c->s;
    uint32_t line, weight = 0, done = 0;
    uint32_t left = next_lines(&s->store, fl_job_live(&s->store, job_row), &line);
    FL_ASSERT(!s->store.undo.on);
    if (*n > left)
        return fl_refuse(c, FL_WRONG_STATE, "n", NULL, 0);
    struct fl_job_live *job = fl_job_live_write(&s->store, job_row);
    uint32_t most = *n ? *n : left;
    for (; done < most && (*n != 0 || weight < FL_SLICE_LINES); done++, line++) {
        weight += line_weight(&s->store, line);
        enum fl_line_outcome outcome = fl_line_post_stored(c, line);
        job->matched += outcome == FL_LINE_MATCHED;
        job->waiting += outcome == FL_LINE_WAITS;
    }
    job->at_done += done;
    *n = done;
    fl_result_text(c->result, FL_RESULT_PHASE, "statement", 9);
    return FL_OK;
}
