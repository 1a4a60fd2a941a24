#include "tools/ingest/match_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/domain/payer_account.h"
#include "core/domain/state.h"
#include "tools/format/charset.h"
#include "tools/ingest/reference_token.h"
#include "tools/ingest/statement.h"

#define WORDS_MAX    192
#define DIGITS_MAX   24
#define ACCOUNTS_MAX 6
#define FOLDED_BYTES (2 * FL_TEXT_BYTES_MAX)

struct reader {
    const struct fl_snapshot *s;
    const struct fl_match_index *index;
    struct fl_token_workspace tokens;
    struct fl_match_token token[FL_TOKENS_MAX];
    struct fl_match_digits digits[DIGITS_MAX];
    uint64_t name_words[WORDS_MAX], text_words[WORDS_MAX], accounts[ACCOUNTS_MAX];
    char folded[FOLDED_BYTES];
    size_t folded_length;
    struct fl_match_text out;
};

static unsigned schemes(const char *reference, size_t length)
{
    return fl_reference_check(fl_slice_of(reference, length));
}

const struct fl_match_letters fl_match_text_letters = {fl_utf8_fold_name, schemes};

static void *reader_open(void *context)
{
    struct reader *reader = malloc(sizeof *reader);
    if (reader)
        reader->s = context;
    return reader;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_sign(char c)
{
    return c == '-' || c == '.' || c == '/' || c == '_' || c == ':' || c == '#';
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static uint16_t label_flags(unsigned label)
{
    return label == FL_LABEL_INVOICE || label == FL_LABEL_CREDIT_NOTE ? FL_MATCH_TOKEN_INVOICE
           : label == FL_LABEL_ORDER                                  ? FL_MATCH_TOKEN_ORDER
           : label == FL_LABEL_OTHER                                  ? FL_MATCH_TOKEN_OTHER
                                                                      : 0;
}

/* Digits as written; of a structured reference, which is cut out of the text, those it has. */
static uint8_t written(const struct reader *r, const struct fl_reference_token *token)
{
    uint8_t digits = 0;
    if (r->tokens.text[token->from] == '\1')
        return token->schemes & FL_SCHEME_BELGIAN ? 12 : token->digits;
    for (uint32_t i = token->from; i < token->to; i++)
        digits = (uint8_t)(digits + is_digit(r->tokens.text[i]));
    return digits;
}

static bool is_glued(const struct reader *r, const struct fl_reference_token *token)
{
    const struct fl_token_workspace *w = &r->tokens;
    return (token->from > 0 && is_letter(w->text[token->from - 1])) ||
           (token->to < w->text_length && is_letter(w->text[token->to]));
}

/* "B-7778487": behind a sign and letters that nothing of ours begins with. */
static bool is_foreign(const struct reader *r, const struct fl_reference_token *token)
{
    const struct fl_token_workspace *w = &r->tokens;
    size_t to = token->from, from;
    if (token->flags & FL_TOKEN_PREFIXED || to < 2 || !is_sign(w->text[to - 1]))
        return false;
    to--;
    for (from = to; from > 0 && is_letter(w->text[from - 1]); from--)
        continue;
    return from < to && !fl_match_may_begin(r->index, w->text + from, to - from);
}

/* "RF81 77AB 02": the shape of an ISO 11649 reference, and its check digits do not hold. Parts of
 * one that holds are told by their place (match_evidence.c, V2). */
static bool is_failed_rf(const struct fl_reference_token *token)
{
    const char *normal = token->normal.at;
    return token->normal.length >= 6 && memcmp(normal, "RF", 2) == 0 && is_digit(normal[2]) &&
           is_digit(normal[3]) && !(token->schemes & FL_SCHEME_RF);
}

static void token_take(struct reader *r, const struct fl_reference_token *token, bool field)
{
    const char *normal = token->normal.at;
    size_t length = token->normal.length;
    if ((length > r->index->number_bytes_max && !(token->flags & FL_TOKEN_CHECK_FAILED)) ||
        (!is_digit(normal[length - 1]) && !r->index->letters_behind) ||
        !fl_match_may_begin(r->index, normal, length))
        return;
    uint16_t flags = label_flags(token->label);
    if (token->flags & FL_TOKEN_PREFIXED)
        flags |= FL_MATCH_TOKEN_LETTERS;
    if (token->flags & FL_TOKEN_CHECK_FAILED || is_failed_rf(token))
        flags |= FL_MATCH_TOKEN_CHECK_FAILED;
    if (!field && is_glued(r, token))
        flags |= FL_MATCH_TOKEN_GLUED;
    if (!field && is_foreign(r, token) && !(flags & FL_MATCH_TOKEN_INVOICE))
        flags |= FL_MATCH_TOKEN_FOREIGN;
    if (token->flags & FL_TOKEN_MINUS)
        flags |= FL_MATCH_TOKEN_MINUS;
    r->token[r->out.token_count++] =
        (struct fl_match_token){.normal = normal,
                                .from = field ? 0 : token->from,
                                .to = field ? 0 : token->to,
                                .flags = flags | (field ? FL_MATCH_TOKEN_FIELD : 0),
                                .length = (uint8_t)length,
                                .digits = field ? token->digits : written(r, token),
                                .schemes = token->schemes};
}

static struct fl_slice personal(const struct reader *r, struct fl_text_ref ref)
{
    if (ref.length == 0)
        return fl_slice_of("", 0);
    return fl_slice_of(fl_text_get(r->s->store, FL_TABLE_personal, ref), ref.length);
}

/* Most references of a line were taken from its text, in normal form: known by their hash, without
 * making it again. */
static bool is_token(const struct reader *r, const char *normal, size_t length)
{
    uint64_t hash = fl_token_hash(normal, length);
    for (uint32_t i = 0; i < r->tokens.tokens_count; i++) {
        struct fl_slice own = r->tokens.tokens[i].normal;
        if (r->tokens.hashes[i] == hash && own.length == length &&
            memcmp(own.at, normal, length) == 0)
            return true;
    }
    return false;
}

/* References of the line come behind those of its text: what stands in the text has its place
 * there. */
static void fields_take(struct reader *r, const struct fl_statement_line_cold *line)
{
    struct fl_slice references = personal(r, line->references);
    for (size_t at = 0; at < references.length;) {
        size_t length = strlen(references.at + at);
        if (!is_token(r, references.at + at, length))
            fl_reference_tokens_add(&r->tokens, fl_slice_of(references.at + at, length));
        at += length + 1;
    }
    fl_reference_tokens_add(&r->tokens, personal(r, line->end_to_end));
    fl_reference_tokens_add(&r->tokens, personal(r, line->customer_ref));
}

/* ---- digits as written ----------------------------------------------------------------------- */

static char digit_of(char c)
{
    switch (c) {
    case 'O':
        return '0';
    case 'I':
    case 'L':
        return '1';
    case 'S':
        return '5';
    case 'B':
        return '8';
    default:
        return is_digit(c) ? c : '\0';
    }
}

/* The label of the smallest token over these digits. */
static uint16_t label_over(const struct reader *r, size_t from, size_t to)
{
    uint32_t width = UINT32_MAX;
    uint16_t flags = 0;
    for (uint32_t i = 0; i < r->tokens.tokens_count; i++) {
        const struct fl_reference_token *token = &r->tokens.tokens[i];
        if (token->from < to && from < token->to && token->to - token->from < width) {
            width = token->to - token->from;
            flags = label_flags(token->label);
        }
    }
    return flags;
}

/* "FACTUUR 10530 000848": a label is of the number behind it; only what begins a new item takes it
 * over. */
static bool is_behind_another(const struct reader *r, size_t from)
{
    if (r->out.digits_count == 0)
        return false;
    size_t at = r->digits[r->out.digits_count - 1].to;
    bool behind = at < from;
    for (; at < from && behind; at++)
        behind = r->tokens.text[at] == ' ';
    return behind;
}

static void digits_add(struct reader *r, const char *digits, size_t n, size_t from, size_t to,
                       uint16_t flags)
{
    if (n < 2 || n > FL_MATCH_TAIL_MAX || r->out.digits_count == DIGITS_MAX)
        return;
    uint16_t label = label_over(r, from, to);
    if (is_behind_another(r, from))
        label &= (uint16_t) ~(FL_MATCH_TOKEN_INVOICE | FL_MATCH_TOKEN_ORDER);
    struct fl_match_digits *d = &r->digits[r->out.digits_count++];
    *d = (struct fl_match_digits){.from = (uint32_t)from,
                                  .to = (uint32_t)to,
                                  .length = (uint8_t)n,
                                  .flags = (uint16_t)(flags | label)};
    memcpy(d->digits, digits, n);
}

/* Letters at `at` that numbers of ours begin with; the longest. */
static const struct fl_match_prefix *prefix_at(const struct reader *r, size_t at)
{
    const struct fl_match_prefix *best = NULL;
    const struct fl_token_workspace *w = &r->tokens;
    for (uint32_t i = 0; i < r->index->prefix_count; i++) {
        const struct fl_match_prefix *prefix = &r->index->prefixes[i];
        if (at + prefix->length <= w->text_length &&
            memcmp(w->text + at, prefix->bytes, prefix->length) == 0 &&
            (!best || prefix->length > best->length))
            best = prefix;
    }
    return best;
}

/* Digits from `at`, over signs; letters count as digits if `letters`. Returns where they end. */
static size_t digits_from(const struct reader *r, size_t at, bool letters, char *out, size_t *n_out,
                          bool *real_out)
{
    const struct fl_token_workspace *w = &r->tokens;
    size_t n = 0, end = at;
    *real_out = false;
    for (; at < w->text_length; at++) {
        char c = w->text[at], digit = letters ? digit_of(c) : is_digit(c) ? c : '\0';
        if (is_sign(c) && n > 0 && at + 1 < w->text_length &&
            (is_digit(w->text[at + 1]) || (letters && digit_of(w->text[at + 1]))))
            continue;
        if (!digit || n == 40)
            break;
        out[n++] = digit;
        *real_out |= is_digit(c);
        end = at + 1;
    }
    /* A letter that goes on as a word is none of the number's. */
    while (letters && end > 0 && n > 0 && end < w->text_length && is_letter(w->text[end]) &&
           !is_digit(w->text[end - 1])) {
        end--;
        n--;
    }
    *n_out = n;
    return end;
}

/* "000369000439": numbers of one length run together. */
static void pieces_add(struct reader *r, const char *digits, size_t n, size_t from,
                       const struct fl_match_prefix *prefix)
{
    size_t piece = prefix                        ? prefix->tail_length
                   : r->index->prefix_count == 1 ? r->index->prefixes[0].tail_length
                                                 : 0;
    if (piece < 4 || n <= piece || n % piece != 0)
        return;
    for (size_t at = 0; at < n; at += piece)
        digits_add(r, digits + at, piece, from + at, from + at + piece,
                   prefix ? FL_MATCH_TOKEN_OURS : 0);
}

static size_t number_read(struct reader *r, size_t at, const struct fl_match_prefix *prefix)
{
    const struct fl_token_workspace *w = &r->tokens;
    char digits[64];
    size_t n, from = at, more, end;
    bool real, also;
    if (prefix) {
        at += prefix->length;
        while (at < w->text_length && (is_sign(w->text[at]) || w->text[at] == ' ') &&
               at - from < prefix->length + 2u)
            at++;
    }
    end = digits_from(r, at, prefix != NULL, digits, &n, &real);
    if (!real || n == 0)
        return at;
    bool blank = end + 1 < w->text_length && w->text[end] == ' ' && is_digit(w->text[end + 1]);
    if (prefix && blank && n < 6) { /* a blank within the number, as far as its usual length */
        size_t more_end = digits_from(r, end + 1, false, digits + n, &more, &also);
        if (prefix->tail_length > 0 && n + more == prefix->tail_length) {
            digits_add(r, digits, n + more, from, more_end, FL_MATCH_TOKEN_OURS);
            return more_end;
        }
    }
    digits_add(r, digits, n, from, end, prefix ? FL_MATCH_TOKEN_OURS : 0);
    pieces_add(r, digits, n, end - n, prefix);
    return end;
}

static void digits_read(struct reader *r)
{
    const struct fl_token_workspace *w = &r->tokens;
    for (size_t at = 0; at < w->text_length;) {
        char c = w->text[at];
        bool starts = at == 0 || !is_letter(w->text[at - 1]);
        const struct fl_match_prefix *prefix = starts && is_letter(c) ? prefix_at(r, at) : NULL;
        size_t next = at;
        if (prefix || is_digit(c))
            next = number_read(r, at, prefix);
        if (next > at) {
            at = next;
            continue;
        }
        at++;
    }
}

/* ---- payers ---------------------------------------------------------------------------------- */

static void account_add(struct reader *r, struct fl_slice account)
{
    uint64_t hash = fl_payer_account_hash(account.at, account.length);
    if (hash != 0 && r->out.account_count < ACCOUNTS_MAX)
        r->accounts[r->out.account_count++] = hash;
}

/* An IBAN at `at`, blanks within allowed: returns where it ends, or `at`. */
static size_t iban_at(struct reader *r, struct fl_slice text, size_t at)
{
    char compact[34];
    size_t n = 0, found = 0, end = at;
    for (size_t i = at; i < text.length && n < sizeof compact; i++) {
        char c = text.at[i];
        if (c == ' ' && n % 4 == 0)
            continue;
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z'))
            break;
        compact[n++] = c;
        bool stops =
            i + 1 == text.length || !(is_digit(text.at[i + 1]) || is_letter(text.at[i + 1]));
        if (n >= 15 && stops && fl_reference_check_iban(fl_slice_of(compact, n))) {
            found = n;
            end = i + 1;
        }
    }
    if (found > 0)
        account_add(r, fl_slice_of(compact, found));
    return end;
}

static void ibans_find(struct reader *r, struct fl_slice text)
{
    for (size_t at = 0; at + 15 <= text.length;) {
        const char *c = text.at + at;
        bool starts = at == 0 || !(is_letter(c[-1]) || is_digit(c[-1]));
        size_t next = at + 1;
        if (starts && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z' && is_digit(c[2]) &&
            is_digit(c[3]))
            next = iban_at(r, text, at);
        at = next > at ? next : at + 1;
    }
}

static uint32_t words_of(struct reader *r, struct fl_slice text, uint64_t *words)
{
    size_t n = text.length > FL_TEXT_BYTES_MAX ? fl_utf8_valid_prefix(text.at, FL_TEXT_BYTES_MAX)
                                               : text.length;
    n = fl_utf8_fold_name(text.at, n, r->folded, sizeof r->folded);
    r->folded_length = n;
    return fl_match_words(r->folded, n, words, WORDS_MAX);
}

/* ---- a payment ------------------------------------------------------------------------------- */

static void reader_read(void *context, const struct fl_match_index *index,
                        const struct fl_match_line *line, struct fl_match_text *out)
{
    struct reader *r = context;
    struct fl_slice text, name, account;
    r->index = index;
    r->out = (struct fl_match_text){.tokens = r->token,
                                    .digits = r->digits,
                                    .name_words = r->name_words,
                                    .text_words = r->text_words,
                                    .accounts = r->accounts};
    const struct fl_statement_line_cold *cold = NULL;
    if (line->statement_line != FL_NO_ROW) {
        cold = fl_at_statement_line_cold(r->s, line->statement_line);
        text = personal(r, cold->text);
        name = personal(r, cold->payer_name);
        account = personal(r, cold->payer_account);
    } else {
        const struct fl_receipt_cold *receipt = fl_at_receipt_cold(r->s, line->receipt);
        text = personal(r, receipt->text);
        name = personal(r, receipt->payer_name);
        account = personal(r, receipt->payer_account);
    }
    fl_reference_tokens(&r->tokens, text);
    uint32_t of_text = r->tokens.tokens_count;
    if (cold)
        fields_take(r, cold);
    for (uint32_t i = 0; i < r->tokens.tokens_count; i++)
        token_take(r, &r->tokens.tokens[i], i >= of_text);
    r->tokens.tokens_count = of_text;
    digits_read(r);
    account_add(r, account);
    ibans_find(r, text);
    r->out.text_count = words_of(r, text, r->text_words);
    r->out.name_count = words_of(r, name, r->name_words); /* the last: `folded` stays its form */
    r->out.name = r->folded;
    r->out.name_length = r->folded_length;
    *out = r->out;
}

static void text_ask(const struct reader *r, struct fl_text_ref ref)
{
    if (ref.length == 0)
        return;
    const char *at = fl_text_get(r->s->store, FL_TABLE_personal, ref);
    __builtin_prefetch(at);
    if (ref.length > 64)
        __builtin_prefetch(at + 64);
}

static void reader_ask(void *context, const struct fl_match_line *line, unsigned step)
{
    const struct reader *r = context;
    if (line->statement_line == FL_NO_ROW)
        return;
    const struct fl_statement_line_cold *cold =
        fl_at_statement_line_cold(r->s, line->statement_line);
    if (step == 0) {
        __builtin_prefetch(cold);
        __builtin_prefetch((const char *)(cold + 1) - 1);
        return;
    }
    text_ask(r, cold->text);
    text_ask(r, cold->payer_name);
    text_ask(r, cold->references);
}

struct fl_match_source fl_match_text_source(const struct fl_snapshot *snapshot)
{
    return (struct fl_match_source){.open = reader_open,
                                    .close = free,
                                    .read = reader_read,
                                    .ask = reader_ask,
                                    .context = (void *)(uintptr_t)snapshot};
}
