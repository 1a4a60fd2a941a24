#define _GNU_SOURCE /* memmem, memrchr */
#include "tools/ingest/mt940_details.h"

#include <string.h>

#include "tools/ingest/statement.h"

/* From which length a line counts as full. Words between slashes are cut off at 65 characters,
 * which some banks count with the tag ":86:"; plain text that is shorter was broken at a word. */
struct full {
    size_t first, other;
};
static const struct full full_words = {59, 64}, full_plain = {65, 65};

#define FULL_SUBFIELD 27

/* A growing text in the scratch; whoever uses it knows there is room (FL_MT940_DETAILS_SCRATCH). */
struct text {
    char *at;
    size_t length;
};

static void append(struct text *text, struct fl_slice piece)
{
    if (piece.length > 0)
        memcpy(text->at + text->length, piece.at, piece.length);
    text->length += piece.length;
}

static void append_char(struct text *text, char c)
{
    text->at[text->length++] = c;
}

static struct fl_slice cleaned(struct text text)
{
    return fl_slice_of(text.at, fl_statement_text_clean(text.at, text.length));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_upper_or_digit(char c)
{
    return is_digit(c) || is_upper(c);
}

/* Takes the next line off `rest`, without its end. */
static struct fl_slice take_line(struct fl_slice *rest)
{
    const char *newline = memchr(rest->at, '\n', rest->length);
    size_t length = newline ? (size_t)(newline - rest->at) : rest->length;
    struct fl_slice line = fl_slice_of(rest->at, length);
    rest->at += newline ? length + 1 : length;
    rest->length -= newline ? length + 1 : length;
    while (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

/* Lines joined; `soft` goes where a line was not full (0: nothing). Full lines join bare. */
static struct fl_slice join_lines(struct fl_slice raw, char soft, struct full full,
                                  struct text *joined)
{
    bool first = true, was_full = false;
    while (raw.length > 0) {
        struct fl_slice line = take_line(&raw);
        bool repeated = !first && fl_slice_begins(line, ":86:");
        if (repeated)
            line = fl_slice_of(line.at + 4, line.length - 4);
        if (!first && soft && (repeated || !was_full))
            append_char(joined, soft);
        append(joined, line);
        was_full = line.length >= (first ? full.first : full.other);
        first = false;
    }
    return fl_slice_of(joined->at, joined->length);
}

/* --- 166?00..?20.. ------------------------------------------------------------------------- */

enum tag { TAG_NONE, TAG_END_TO_END, TAG_CUSTOMER, TAG_MANDATE, TAG_ACCOUNT, TAG_TEXT, TAG_OTHER };

/* A SEPA tag like "EREF+" at the start of `at`; its length in `*length`. */
static enum tag tag_at(struct fl_slice at, size_t *length)
{
    static const struct {
        char name[5];
        enum tag tag;
    } tags[] = {
        {"EREF", TAG_END_TO_END}, {"KREF", TAG_CUSTOMER}, {"MREF", TAG_MANDATE},
        {"CRED", TAG_OTHER},      {"DEBT", TAG_OTHER},    {"SVWZ", TAG_TEXT},
        {"ABWA", TAG_OTHER},      {"ABWE", TAG_OTHER},    {"IBAN", TAG_ACCOUNT},
        {"BIC", TAG_OTHER},       {"COAM", TAG_OTHER},    {"OAMT", TAG_OTHER},
        {"PURP", TAG_OTHER},      {"RREF", TAG_OTHER},    {"MTLG", TAG_TEXT},
    };
    /* The sign behind it is looked at first: nearly every place of a text is turned away by that.
     */
    size_t n = at.length > 4 && (at.at[4] == '+' || at.at[4] == ':') ? 4 : 3;
    if (at.length <= n || (at.at[n] != '+' && at.at[n] != ':'))
        return TAG_NONE;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (memcmp(at.at, tags[i].name, n) == 0 && tags[i].name[n] == '\0') {
            *length = n + 1;
            return tags[i].tag;
        }
    }
    return TAG_NONE;
}

/* Where the next tag begins: at `from`, which is a border, or behind a blank; the end if there is
 * none. */
static size_t next_tag(struct fl_slice text, size_t from, enum tag *tag, size_t *length)
{
    for (size_t i = from; i < text.length;) {
        bool border = i == 0 || text.at[i - 1] == ' ';
        bool letter = text.at[i] >= 'A' && text.at[i] <= 'S';
        if (border && letter) {
            *tag = tag_at(fl_slice_of(text.at + i, text.length - i), length);
            if (*tag != TAG_NONE)
                return i;
        }
        const char *blank = memchr(text.at + i, ' ', text.length - i);
        if (!blank)
            break;
        i = (size_t)(blank - text.at) + 1;
    }
    *tag = TAG_NONE;
    *length = 0;
    return text.length;
}

/* Sorts the tagged values of the remittance; what is text (and untagged) goes to `text`. */
static void read_tags(struct fl_slice remittance, struct text *text, struct fl_mt940_details *out)
{
    enum tag tag = TAG_TEXT;
    size_t at = 0, length = 0;
    while (at < remittance.length) {
        enum tag next;
        size_t next_length;
        size_t end = next_tag(remittance, at, &next, &next_length);
        struct fl_slice value = fl_slice_trim(fl_slice_of(remittance.at + at, end - at));
        if (tag == TAG_END_TO_END)
            out->end_to_end = value;
        else if (tag == TAG_CUSTOMER)
            out->customer_ref = value;
        else if (tag == TAG_MANDATE)
            out->mandate = value;
        else if (tag == TAG_ACCOUNT && out->account.length == 0)
            out->account = value;
        else if (tag == TAG_TEXT && value.length > 0) {
            if (text->length > 0)
                append_char(text, ' ');
            append(text, value);
        }
        tag = next;
        length = next_length;
        at = end + length;
    }
    out->text = cleaned(*text);
}

/* Adds a subfield to one it continues. */
static void append_subfield(struct text *text, struct fl_slice value, bool *was_full)
{
    size_t length;
    bool tagged = tag_at(value, &length) != TAG_NONE;
    if (text->length > 0 && (!*was_full || tagged))
        append_char(text, ' ');
    append(text, value);
    *was_full = value.length >= FULL_SUBFIELD;
}

static bool is_subfield(struct fl_slice joined, size_t at, char sign)
{
    if (at + 2 >= joined.length || joined.at[at] != sign)
        return false;
    char ten = joined.at[at + 1], one = joined.at[at + 2];
    return is_digit(one) && (ten == '0' || ten == '1' || ten == '2' || ten == '3' || ten == '6' ||
                             (ten == '7' && one < '3'));
}

/* Where the next subfield begins, from `from` on; the end if there is none. */
static size_t next_subfield(struct fl_slice joined, size_t from, char sign)
{
    while (from < joined.length) {
        const char *found = memchr(joined.at + from, sign, joined.length - from);
        if (!found)
            break;
        from = (size_t)(found - joined.at);
        if (is_subfield(joined, from, sign))
            return from;
        from++;
    }
    return joined.length;
}

/* Business codes under which subfield 34 says why the money came back. */
static bool is_return(struct fl_slice code)
{
    static const char *const codes[] = {"108", "109", "159", "183", "184", "185"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (fl_slice_equals(code, codes[i]))
            return true;
    }
    return false;
}

/* `from`: where the first subfield begins, behind the code if there is one. */
static void read_subfields(struct fl_slice joined, size_t from, char *scratch,
                           struct fl_mt940_details *out)
{
    struct text remittance = {scratch, 0}, name = {scratch + 2 * joined.length, 0};
    bool remittance_full = false, name_full = false;
    struct fl_slice bank = {0};
    char sign = joined.at[from];
    out->code = fl_slice_of(joined.at, from);
    size_t at = from;
    while (at < joined.length) {
        size_t end = next_subfield(joined, at + 3, sign);
        unsigned number =
            (unsigned)(joined.at[at + 1] - '0') * 10 + (unsigned)(joined.at[at + 2] - '0');
        struct fl_slice value = fl_slice_of(joined.at + at + 3, end - at - 3);
        if ((number >= 20 && number <= 29) || (number >= 60 && number <= 69))
            append_subfield(&remittance, value, &remittance_full);
        else if (number == 32 || number == 33)
            append_subfield(&name, value, &name_full);
        else if (number == 30)
            bank = fl_slice_trim(value);
        else if (number == 31 || number == 38)
            out->account =
                out->account.length && number == 38 ? out->account : fl_slice_trim(value);
        else if (number == 34 && is_return(out->code))
            out->return_reason = fl_slice_trim(value);
        at = end;
    }
    out->name = cleaned(name);
    /* A national account number is unique within its bank only. */
    bool national = bank.length == 8 && is_digit(bank.at[0]) && out->account.length > 0 &&
                    is_digit(out->account.at[0]);
    if (national) {
        struct text both = {scratch + 3 * joined.length, 0};
        append(&both, bank);
        append_char(&both, '/');
        append(&both, out->account);
        out->account = cleaned(both);
    }
    struct text text = {scratch + 4 * joined.length + 16, 0};
    read_tags(fl_slice_of(remittance.at, remittance.length), &text, out);
}

/* --- /TRTP/../IBAN/.. ----------------------------------------------------------------------- */

enum word {
    WORD_NONE,
    WORD_OTHER,
    WORD_CODE,
    WORD_ACCOUNT,
    WORD_NAME,
    WORD_TEXT,
    WORD_END_TO_END,
    WORD_CUSTOMER,
    WORD_MANDATE,
    WORD_PARTY,
    WORD_COUNTERPARTY,
    WORD_RETURN,
    WORD_AMOUNT,
    WORD_CREDITOR_REF,
    WORD_BEHIND, /* a party behind the one that pays or is paid: its name is not the payer's */
    WORD_PART,   /* of a word before it, where that is no text */
};

#define WORD_LETTERS_MAX 9

/* A word like "/REMI/" at `at`, line breaks inside it ignored; its length in `*length`. */
static enum word word_at(struct fl_slice at, size_t *length)
{
    static const struct {
        char name[WORD_LETTERS_MAX + 1];
        enum word word;
    } words[] = {
        {"TRTP", WORD_CODE},       {"IBAN", WORD_ACCOUNT},
        {"BIC", WORD_OTHER},       {"NAME", WORD_NAME},
        {"REMI", WORD_TEXT},       {"EREF", WORD_END_TO_END},
        {"PREF", WORD_CUSTOMER},   {"MARF", WORD_MANDATE},
        {"CSID", WORD_OTHER},      {"ORDP", WORD_PARTY},
        {"BENM", WORD_PARTY},      {"CNTP", WORD_COUNTERPARTY},
        {"ADDR", WORD_OTHER},      {"ISDT", WORD_OTHER},
        {"RTRN", WORD_RETURN},     {"PURP", WORD_OTHER},
        {"ULTD", WORD_BEHIND},     {"ULTC", WORD_BEHIND},
        {"ULTB", WORD_BEHIND},     {"SVCL", WORD_OTHER},
        {"TRCD", WORD_OTHER},      {"OCMT", WORD_AMOUNT},
        {"CHGS", WORD_AMOUNT},     {"CHGT", WORD_AMOUNT},
        {"EXCH", WORD_AMOUNT},     {"OGB", WORD_OTHER},
        {"VA", WORD_OTHER},        {"ORIG", WORD_OTHER},
        {"SUM", WORD_OTHER},       {"ACCW", WORD_ACCOUNT},
        {"INIT", WORD_BEHIND},     {"UDTR", WORD_BEHIND},
        {"UCRD", WORD_BEHIND},     {"RTYP", WORD_OTHER},
        {"RREF", WORD_OTHER},      {"CHQN", WORD_CUSTOMER},
        {"CDTRREFTP", WORD_OTHER}, {"CDTRREF", WORD_CREDITOR_REF},
        {"CD", WORD_PART},         {"ISSR", WORD_PART},
        {"ID", WORD_PART},
    };
    if (at.length < 4 || at.at[0] != '/')
        return WORD_NONE;
    char name[WORD_LETTERS_MAX + 1] = {0};
    size_t i = 1, n = 0;
    for (; i < at.length && at.at[i] != '/'; i++) {
        if (at.at[i] == '\n' || at.at[i] == '\r')
            continue;
        if (n == WORD_LETTERS_MAX || at.at[i] < 'A' || at.at[i] > 'Z')
            return WORD_NONE;
        name[n++] = at.at[i];
    }
    if (i == at.length)
        return WORD_NONE;
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
        if (strcmp(name, words[k].name) == 0) {
            *length = i + 1;
            return words[k].word;
        }
    }
    return WORD_NONE;
}

/* Without the slashes and blanks that close it. */
static struct fl_slice trim_slashes(struct fl_slice value)
{
    value = fl_slice_trim(value);
    while (value.length > 0 && value.at[value.length - 1] == '/')
        value = fl_slice_trim(fl_slice_of(value.at, value.length - 1));
    while (value.length > 0 && value.at[0] == '/')
        value = fl_slice_trim(fl_slice_of(value.at + 1, value.length - 1));
    return value;
}

/* An identifier: line breaks in it are the bank's, not its own. */
static struct fl_slice unbroken(struct fl_slice value, struct text *scratch)
{
    value = trim_slashes(value);
    if (value.length == 0 || !memchr(value.at, '\n', value.length))
        return value;
    struct fl_slice out = fl_slice_of(scratch->at + scratch->length, 0);
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] != '\n')
            append_char(scratch, value.at[i]);
    }
    out.length = (size_t)(scratch->at + scratch->length - out.at);
    return out;
}

/* "NL32INGB0000012345/INGBNL2A/ING BANK NV/": account, bank, name, town. */
static void read_counterparty(struct fl_slice value, struct text *scratch,
                              struct fl_mt940_details *out)
{
    for (unsigned part = 0; part < 3; part++) {
        const char *slash = memchr(value.at, '/', value.length);
        size_t length = slash ? (size_t)(slash - value.at) : value.length;
        struct fl_slice piece = unbroken(fl_slice_of(value.at, length), scratch);
        if (part == 0)
            out->account = piece;
        else if (part == 2)
            out->name = piece;
        if (!slash)
            return;
        value = fl_slice_of(slash + 1, value.length - length - 1);
    }
}

/* "300000000000133\n/KOMERCIJALNA BANKA\n/purpose": account, name, text, one a line. */
static void read_party(struct fl_slice value, struct text *text, struct fl_mt940_details *out)
{
    if (trim_slashes(value).length == 0)
        return;
    /* Where name or account came by a word of their own, what is left is no better. */
    if (out->name.length > 0 || out->account.length > 0)
        return;
    for (unsigned part = 0; value.length > 0; part++) {
        struct fl_slice piece = trim_slashes(take_line(&value));
        if (part == 0) {
            out->account = piece;
        } else if (part == 1) {
            out->name = piece;
        } else {
            append(text, piece);
            append_char(text, ' ');
        }
    }
}

/* "USTD//text", "STRD/CUR/9001123412341234", or the text itself. */
static void read_remittance(struct fl_slice value, struct text *text, struct text *scratch,
                            struct fl_mt940_details *out)
{
    value = trim_slashes(value);
    if (fl_slice_begins(value, "USTD/"))
        value = trim_slashes(fl_slice_of(value.at + 5, value.length - 5));
    if (fl_slice_begins(value, "STRD/")) {
        value = unbroken(fl_slice_of(value.at + 5, value.length - 5), scratch);
        const char *slash = memrchr(value.at, '/', value.length);
        size_t skip = slash ? (size_t)(slash + 1 - value.at) : 0;
        out->creditor_ref = fl_slice_of(value.at + skip, value.length - skip);
    }
    append(text, value);
    append_char(text, ' ');
}

/* "USD2853,12/" and then plain text. */
static void read_amount(struct fl_slice value, struct text *text)
{
    const char *slash = memchr(value.at, '/', value.length);
    if (!slash)
        return;
    size_t skip = (size_t)(slash + 1 - value.at);
    append(text, trim_slashes(fl_slice_of(slash + 1, value.length - skip)));
    append_char(text, ' ');
}

static void read_word(enum word word, struct fl_slice value, struct text *text,
                      struct text *scratch, struct fl_mt940_details *out)
{
    switch (word) {
    case WORD_CODE:
        out->code = unbroken(value, scratch);
        break;
    case WORD_ACCOUNT: {
        struct fl_slice account =
            unbroken(value, scratch); /* ACCW: "NL54INGB0006752576,INGBNL2A" */
        const char *comma = memchr(account.at, ',', account.length);
        out->account =
            fl_slice_of(account.at, comma ? (size_t)(comma - account.at) : account.length);
        break;
    }
    case WORD_NAME:
        out->name = unbroken(value, scratch);
        break;
    case WORD_END_TO_END:
        out->end_to_end = unbroken(value, scratch);
        break;
    case WORD_CUSTOMER:
        out->customer_ref = unbroken(value, scratch);
        break;
    case WORD_MANDATE:
        out->mandate = unbroken(value, scratch);
        break;
    case WORD_RETURN:
        out->return_reason = unbroken(value, scratch);
        break;
    case WORD_COUNTERPARTY:
        read_counterparty(value, scratch, out);
        break;
    case WORD_PARTY:
        read_party(value, text, out);
        break;
    case WORD_TEXT:
        read_remittance(value, text, scratch, out);
        break;
    case WORD_AMOUNT:
        read_amount(value, text);
        break;
    case WORD_CREDITOR_REF:
        out->creditor_ref = unbroken(value, scratch);
        break;
    case WORD_NONE:
    case WORD_PART:
    case WORD_BEHIND:
    case WORD_OTHER:
        break;
    }
}

static void read_words(struct fl_slice joined, char *scratch, struct fl_mt940_details *out)
{
    struct text text = {scratch, 0}, unbroken_room = {scratch + 3 * joined.length + 32, 0};
    enum word word = WORD_NONE;
    size_t from = 0;
    for (size_t at = 0; at <= joined.length; at++) {
        size_t length = 0;
        enum word next = at == joined.length
                             ? WORD_NONE
                             : word_at(fl_slice_of(joined.at + at, joined.length - at), &length);
        if (next == WORD_PART && (word == WORD_TEXT || word == WORD_NONE))
            next = WORD_NONE; /* "order/ID/7" is text */
        if (next == WORD_NAME && word == WORD_BEHIND)
            next = WORD_OTHER;
        if (at < joined.length && next == WORD_NONE)
            continue;
        /* A word may begin with the slash that closed the one before: nothing is between them. */
        size_t between = at > from ? at - from : 0;
        read_word(word, fl_slice_of(joined.at + from, between), &text, &unbroken_room, out);
        word = next;
        from = at + length;
        if (length > 0)
            at = from - 2; /* "/REMI/USTD/": the closing slash may open the next word */
    }
    out->text = cleaned(text);
    if (out->text.length == 0)
        out->text = out->code;
}

/* --- plain text ------------------------------------------------------------------------------ */

/* The value behind "LABEL: ", up to two blanks, a line end or `stop`; empty if there is none. */
static struct fl_slice labelled(struct fl_slice text, const char *label, char stop)
{
    size_t n = strlen(label);
    const char *found = memmem(text.at, text.length, label, n);
    if (!found || (found > text.at && found[-1] > ' ' && found[-1] != '/'))
        return (struct fl_slice){0};
    size_t from = (size_t)(found - text.at) + n, end = from;
    while (end < text.length && text.at[end] != '\n' && text.at[end] != stop &&
           !(text.at[end] == ' ' && end + 1 < text.length && text.at[end + 1] == ' '))
        end++;
    return fl_slice_trim(fl_slice_of(text.at + from, end - from));
}

/* "NL57ABNA0987654321 ABNANL2A J AAP ...": an account that is followed by its bank; empty if the
 * text does not begin so. */
static struct fl_slice leading_account(struct fl_slice text)
{
    size_t length = 0, bank = 0;
    while (length < text.length && is_upper_or_digit(text.at[length]))
        length++;
    bool shaped = length >= 15 && length <= 34 && is_upper(text.at[0]) && is_upper(text.at[1]) &&
                  is_digit(text.at[2]) && is_digit(text.at[3]);
    if (!shaped || length == text.length || text.at[length] != ' ')
        return (struct fl_slice){0};
    struct fl_slice rest = fl_slice_of(text.at + length + 1, text.length - length - 1);
    while (bank < rest.length && is_upper_or_digit(rest.at[bank]))
        bank++;
    for (size_t i = 0; i < 6 && i < bank; i++)
        shaped &= is_upper(rest.at[i]);
    return shaped && (bank == 8 || bank == 11) ? fl_slice_of(text.at, length)
                                               : (struct fl_slice){0};
}

static void read_plain(struct fl_slice joined, char *scratch, struct fl_mt940_details *out)
{
    struct text text = {scratch, 0};
    bool coded = joined.length > 3 && memcmp(joined.at, "999", 3) == 0 && joined.at[3] >= 'A';
    if (coded) {
        out->code = fl_slice_of(joined.at, 3);
        joined = fl_slice_of(joined.at + 3, joined.length - 3);
    }
    out->account = labelled(joined, "IBAN: ", ' ');
    if (out->account.length == 0)
        out->account = labelled(joined, "REK: ", '/');
    if (out->account.length == 0)
        out->account = leading_account(joined);
    out->name = labelled(joined, "NAAM: ", '\n');
    append(&text, joined);
    out->text = cleaned(text);
}

void fl_mt940_details_read(struct fl_slice raw, char *scratch, struct fl_mt940_details *out)
{
    memset(out, 0, sizeof *out);
    struct fl_slice start = raw;
    while (start.length > 0 && (unsigned char)start.at[0] <= ' ')
        start = fl_slice_of(start.at + 1, start.length - 1);
    bool code =
        start.length > 6 && is_digit(start.at[0]) && is_digit(start.at[1]) && is_digit(start.at[2]);
    size_t from = code ? 3 : 0;
    struct text joined = {scratch, 0};
    char sign = start.length > 6 ? start.at[from] : 0;
    if (sign != '\0' && strchr(code ? "?>~^@<|#!*%;$&" : "?", sign)) {
        struct fl_slice whole = join_lines(start, 0, full_words, &joined);
        if (is_subfield(whole, from, sign)) {
            read_subfields(whole, from, scratch + whole.length, out);
            return;
        }
        joined.length = 0;
    }
    size_t length;
    bool words = word_at(start, &length) != WORD_NONE;
    struct fl_slice lines = join_lines(start, '\n', words ? full_words : full_plain, &joined);
    if (words)
        read_words(lines, scratch + lines.length, out);
    else
        read_plain(lines, scratch + lines.length, out);
}
