#include "tools/ingest/reference_token.h"

#include <string.h>

#include "core/base/contract.h"
#include "core/base/hash.h"
#include "core/domain/reference.h"
#include "tools/format/charset.h"
#include "tools/ingest/statement.h"

#define CUT '\1' /* what was cut out; no token crosses it */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters, and every byte of a character beyond ASCII. */
static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

enum char_class { WORD = 1, JOINER = 2 };

static const uint8_t classes[256] = {
    ['0' ... '9'] = WORD, ['A' ... 'Z'] = WORD, [0x80 ... 0xFF] = WORD,
    ['-'] = JOINER,       ['.'] = JOINER,       ['/'] = JOINER,
    ['_'] = JOINER,       [':'] = JOINER,       ['#'] = JOINER};

static bool is_word_char(char c)
{
    return classes[(unsigned char)c] == WORD;
}

static bool is_joiner(char c)
{
    return classes[(unsigned char)c] == JOINER;
}

/* The character at `at`; a blank outside the text. */
static char char_at(const struct fl_token_workspace *w, size_t at)
{
    return at < w->text_length ? w->text[at] : ' ';
}

static size_t digits_at(const struct fl_token_workspace *w, size_t at)
{
    size_t n = 0;
    while (is_digit(char_at(w, at + n)))
        n++;
    return n;
}

static unsigned number_at(const struct fl_token_workspace *w, size_t at, size_t digits)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits && i < 9; i++)
        value = value * 10 + (unsigned)(w->text[at + i] - '0');
    return value;
}

static void cut_out(struct fl_token_workspace *w, size_t from, size_t to)
{
    memset(w->text + from, CUT, to - from);
}

/* --- the text --------------------------------------------------------------------------------- */

/* Dashes and punctuation beyond ASCII become a dash or a blank: the rest of those bytes are
 * letters. */
static size_t plain_punctuation(char *text, size_t length)
{
    size_t to = 0;
    for (size_t i = 0; i < length;) {
        unsigned char a = (unsigned char)text[i], b = 0, c = 0;
        if (a < 0x80) {
            text[to++] = (char)(a - (a >= 'a' && a <= 'z' ? 'a' - 'A' : 0));
            i++;
            continue;
        }
        if (i + 1 < length)
            b = (unsigned char)text[i + 1];
        if (i + 2 < length)
            c = (unsigned char)text[i + 2];
        if (a == 0xC2 && b >= 0x80) {
            text[to++] = b == 0xAD ? '-' : ' '; /* the soft hyphen is some banks' hyphen */
            i += 2;
        } else if (a == 0xE2 && b == 0x80) {
            text[to++] = c >= 0x90 && c <= 0x95 ? '-' : ' ';
            i += 3;
        } else {
            text[to++] = (char)a;
            i++;
        }
    }
    return to;
}

static void set_text(struct fl_token_workspace *w, struct fl_slice text)
{
    size_t length = text.length;
    if (length > FL_TEXT_BYTES_MAX)
        length = fl_utf8_valid_prefix(text.at, FL_TEXT_BYTES_MAX);
    w->text_length = fl_utf8_nfkc(text.at, length, w->text, sizeof w->text);
    w->text_length = plain_punctuation(w->text, w->text_length);
}

/* --- what is cut out -------------------------------------------------------------------------- */

static bool is_day_and_month(unsigned a, unsigned b)
{
    return a >= 1 && b >= 1 && ((a <= 31 && b <= 12) || (a <= 12 && b <= 31));
}

/* D.M.Y, D-M-Y, D/M/Y, M/D/Y, Y-M-D and Y/M/D; `*end` is behind it. `*sign` is between its parts.
 */
static bool date_at(const struct fl_token_workspace *w, size_t at, size_t *end, char *sign)
{
    size_t n[3], from[3];
    for (unsigned part = 0; part < 3; part++) {
        from[part] = at;
        n[part] = digits_at(w, at);
        at += n[part];
        if (n[part] == 0)
            return false;
        if (part == 0)
            *sign = char_at(w, at);
        if (part < 2 &&
            (char_at(w, at++) != *sign || (*sign != '.' && *sign != '-' && *sign != '/')))
            return false;
    }
    *end = at;
    unsigned a = number_at(w, from[0], n[0]), b = number_at(w, from[1], n[1]);
    unsigned c = number_at(w, from[2], n[2]);
    if (n[0] == 4 && n[1] <= 2 && n[2] <= 2)
        return a >= 1990 && a <= 2099 && b >= 1 && b <= 12 && c >= 1 && c <= 31;
    if (n[0] > 2 || n[1] > 2 || !is_day_and_month(a, b))
        return false;
    return n[2] == 2 || (n[2] == 4 && c >= 1990 && c <= 2099);
}

/* HH:MM and HH:MM:SS. */
static bool time_at(const struct fl_token_workspace *w, size_t at, size_t *end)
{
    size_t hours = digits_at(w, at);
    if (hours < 1 || hours > 2 || char_at(w, at + hours) != ':' || number_at(w, at, hours) > 24)
        return false;
    size_t minutes = at + hours + 1;
    if (digits_at(w, minutes) != 2 || number_at(w, minutes, 2) > 59)
        return false;
    *end = minutes + 2;
    if (char_at(w, *end) == ':' && digits_at(w, *end + 1) == 2 && number_at(w, *end + 1, 2) < 60)
        *end += 3;
    return true;
}

/* "119,00", "1.234,56", "1'234.56": two decimals behind the last sign. */
static bool amount_at(const struct fl_token_workspace *w, size_t at, size_t *end)
{
    size_t n = digits_at(w, at);
    char thousands = char_at(w, at + n);
    bool may_group =
        n >= 1 && n <= 3 && (thousands == '.' || thousands == ',' || thousands == '\'');
    bool grouped = false;
    at += n;
    while (may_group && char_at(w, at) == thousands && digits_at(w, at + 1) == 3) {
        at += 4;
        grouped = true;
    }
    char sign = char_at(w, at);
    if (n == 0 || (sign != '.' && sign != ',') || (grouped && sign == thousands))
        return false;
    *end = at + 3;
    return digits_at(w, at + 1) == 2;
}

/* Whether what ends before `end` is not part of a longer number that signs join. */
static bool ends_alone(const struct fl_token_workspace *w, size_t end)
{
    char next = char_at(w, end);
    if (is_word_char(next))
        return false;
    bool sign = is_joiner(next) || next == ',';
    return !sign || !is_word_char(char_at(w, end + 1));
}

/* A date may be followed by another (a period), or by the time of day. */
static bool date_ends_alone(const struct fl_token_workspace *w, size_t *end)
{
    size_t next_end;
    char sign;
    char next = char_at(w, *end);
    if ((next == 'T' || next == '/' || next == '-') && time_at(w, *end + 1, &next_end)) {
        *end = next_end;
        return !is_digit(char_at(w, *end));
    }
    if ((next == '-' || next == '/') && date_at(w, *end + 1, &next_end, &sign))
        return true;
    return ends_alone(w, *end) || (next == ':' || next == ',');
}

/* Whether a letter or digit stands before `at`, directly or over a sign. */
static bool begins_joined(const struct fl_token_workspace *w, size_t at, char *sign)
{
    *sign = at > 0 ? w->text[at - 1] : ' ';
    if (is_word_char(*sign))
        return true;
    return is_joiner(*sign) && at > 1 && is_word_char(w->text[at - 2]);
}

/* "EUR11,85": a currency right before an amount does not make it a number with a prefix. */
static bool follows_currency(const struct fl_token_workspace *w, size_t at)
{
    static const char *const codes[] = {"EUR", "USD", "CHF", "GBP", "DKK",
                                        "SEK", "NOK", "PLN", "CAD"};
    for (size_t i = 0; at >= 3 && i < sizeof codes / sizeof codes[0]; i++) {
        if (memcmp(w->text + at - 3, codes[i], 3) == 0)
            return at == 3 || !is_letter(w->text[at - 4]);
    }
    return false;
}

/* "2%", "2,5 %": no number of a document. */
static bool percent_at(const struct fl_token_workspace *w, size_t at, size_t *end)
{
    at += digits_at(w, at);
    if ((char_at(w, at) == ',' || char_at(w, at) == '.') && is_digit(char_at(w, at + 1)))
        at += 1 + digits_at(w, at + 1);
    at += char_at(w, at) == ' ';
    *end = at + 1;
    return char_at(w, at) == '%';
}

/* Cuts the date, time or amount at `at`, a run of digits' first; returns where to go on. */
static size_t cut_number(struct fl_token_workspace *w, size_t at)
{
    size_t end;
    char before, sign;
    bool joined = begins_joined(w, at, &before);
    bool over_sign =
        joined && is_joiner(before); /* "RE-2024-03-05" is a number, "111/11.3.2013" not */
    if (date_at(w, at, &end, &sign) &&
        (!joined || before == ':' || (over_sign && sign == '.' && before != '.')) &&
        date_ends_alone(w, &end)) {
        cut_out(w, at, end);
        return end;
    }
    if (!joined && time_at(w, at, &end) && !is_digit(char_at(w, end))) {
        cut_out(w, at, end);
        return end;
    }
    if (!joined && percent_at(w, at, &end)) {
        cut_out(w, at, end);
        return end;
    }
    if ((!joined || before == ':' || follows_currency(w, at)) && amount_at(w, at, &end) &&
        ends_alone(w, end)) {
        cut_out(w, at, end);
        return end;
    }
    return at + digits_at(w, at);
}

/* Letters and digits from `at` over single blanks between groups of four, without the blanks. Ends
 * of groups go to `ends`; returns their count. */
static size_t read_groups(const struct fl_token_workspace *w, size_t at, char compact[40],
                          size_t lengths[12], size_t ends[12])
{
    size_t n = 0, groups = 0;
    while (groups < 12) {
        size_t group = 0;
        while (is_word_char(char_at(w, at + group)) && (unsigned char)w->text[at + group] < 0x80)
            group++;
        if (group == 0 || n + group > 36 || (groups > 0 && group > 4))
            break;
        memcpy(compact + n, w->text + at, group);
        n += group;
        at += group;
        lengths[groups] = n;
        ends[groups++] = at;
        if (group != 4 || char_at(w, at) != ' ')
            break; /* written in one piece, or the last group */
        at++;
    }
    return groups;
}

static void add_structured(struct fl_token_workspace *w, size_t from, size_t to,
                           struct fl_slice compact, bool holds);

/* An IBAN goes out; an RF reference is a token, and goes out too. */
static size_t cut_grouped(struct fl_token_workspace *w, size_t at)
{
    char compact[40];
    size_t lengths[12], ends[12];
    size_t groups = read_groups(w, at, compact, lengths, ends);
    bool rf = compact[0] == 'R' && compact[1] == 'F';
    for (size_t g = groups; g-- > 0;) {
        struct fl_slice text = fl_slice_of(compact, lengths[g]);
        if (rf && fl_reference_check_rf(text))
            add_structured(w, at, ends[g], text, true);
        else if (rf || !fl_reference_check_iban(text))
            continue;
        cut_out(w, at, ends[g]);
        return ends[g];
    }
    if (rf && groups > 0 && lengths[0] >= 10 && lengths[0] <= 25)
        add_structured(w, at, ends[0], fl_slice_of(compact, lengths[0]), false);
    return groups > 0 ? ends[0] : at + 1;
}

/* "+++090/9337/55493+++", or with asterisks. */
static size_t cut_belgian(struct fl_token_workspace *w, size_t at)
{
    static const unsigned char parts[3] = {3, 4, 5};
    char mark = w->text[at], compact[12];
    if (char_at(w, at + 1) != mark || char_at(w, at + 2) != mark)
        return at + 1;
    size_t p = at + 3, n = 0;
    if (char_at(w, p) == ' ')
        p++;
    for (unsigned part = 0; part < 3; part++) {
        if (digits_at(w, p) != parts[part] || (part < 2 && char_at(w, p + parts[part]) != '/'))
            return at + 3;
        memcpy(compact + n, w->text + p, parts[part]);
        n += parts[part];
        p += parts[part] + (part < 2 ? 1u : 0u);
    }
    size_t end = p + (char_at(w, p) == ' ' ? 1 : 0);
    while (char_at(w, end) == mark)
        end++;
    struct fl_slice text = fl_slice_of(compact, n);
    add_structured(w, at, end, text, fl_reference_check_belgian(text));
    cut_out(w, at, end);
    return end;
}

static void cut_all(struct fl_token_workspace *w)
{
    bool starts = true; /* no letter or digit before */
    for (size_t at = 0; at < w->text_length;) {
        char c = w->text[at];
        bool two_letters = starts && is_letter(c) && is_letter(char_at(w, at + 1)) &&
                           is_digit(char_at(w, at + 2)) && is_digit(char_at(w, at + 3));
        if (two_letters)
            at = cut_grouped(w, at);
        else if (c == '+' || c == '*')
            at = cut_belgian(w, at);
        else
            at++;
        starts = !is_word_char(w->text[at - 1]);
    }
    for (size_t at = 0; at < w->text_length;)
        at = is_digit(w->text[at]) ? cut_number(w, at) : at + 1;
}

/* --- atoms ------------------------------------------------------------------------------------ */

static bool atom_is(const struct fl_token_workspace *w, const struct fl_token_atom *atom,
                    const char *word)
{
    if (w->text[atom->from] != word[0])
        return false;
    size_t n = strlen(word);
    return (size_t)(atom->to - atom->from) == n && memcmp(w->text + atom->from, word, n) == 0;
}

static bool atom_begins(const struct fl_token_workspace *w, const struct fl_token_atom *atom,
                        const char *stem)
{
    if (w->text[atom->from] != stem[0])
        return false;
    size_t n = strlen(stem);
    return (size_t)(atom->to - atom->from) >= n && memcmp(w->text + atom->from, stem, n) == 0;
}

static bool atom_in(const struct fl_token_workspace *w, const struct fl_token_atom *atom,
                    const char *const *words)
{
    for (; *words; words++) {
        if (atom_is(w, atom, *words))
            return true;
    }
    return false;
}

/* Words that stand before a number and say what it is, by their first letter; the first that fits
 * counts. */
#define LABELS_A_LETTER 9
static const struct label {
    const char *stem;
    bool whole; /* the whole word only */
    enum fl_token_label label;
} labels[26][LABELS_A_LETTER] = {
    ['A' - 'A'] = {{"AVOIR", true, FL_LABEL_CREDIT_NOTE},
                   {"AUFTRAG", false, FL_LABEL_ORDER},
                   {"ACCOUNT", false, FL_LABEL_OTHER}},
    ['B' - 'A'] = {{"BILL", false, FL_LABEL_INVOICE},
                   {"BESTELL", false, FL_LABEL_ORDER},
                   {"BLZ", true, FL_LABEL_OTHER},
                   {"BTW", true, FL_LABEL_OTHER}},
    ['C' - 'A'] = {{"CREDIT", false, FL_LABEL_CREDIT_NOTE},
                   {"CN", true, FL_LABEL_CREDIT_NOTE},
                   {"COMMANDE", true, FL_LABEL_ORDER},
                   {"CUSTOMER", false, FL_LABEL_OTHER},
                   {"CLIENT", false, FL_LABEL_OTHER},
                   {"CONTRACT", false, FL_LABEL_OTHER},
                   {"CARD", false, FL_LABEL_OTHER}},
    ['F' - 'A'] = {{"FAKTUR", false, FL_LABEL_INVOICE},
                   {"FACT", false, FL_LABEL_INVOICE},
                   {"FATTURA", false, FL_LABEL_INVOICE},
                   {"FAKNR", true, FL_LABEL_INVOICE}},
    ['G' - 'A'] = {{"GUTSCHRIFT", false, FL_LABEL_CREDIT_NOTE}},
    ['I' - 'A'] = {{"INV", true, FL_LABEL_INVOICE}, {"INVOICE", false, FL_LABEL_INVOICE}},
    ['K' - 'A'] = {{"KREDITNOTA", false, FL_LABEL_CREDIT_NOTE},
                   {"KUNDE", false, FL_LABEL_OTHER},
                   {"KD", true, FL_LABEL_OTHER},
                   {"KDNR", true, FL_LABEL_OTHER},
                   {"KNR", true, FL_LABEL_OTHER},
                   {"KLANT", false, FL_LABEL_OTHER},
                   {"KARTE", false, FL_LABEL_OTHER},
                   {"KONTO", false, FL_LABEL_OTHER}},
    ['L' - 'A'] = {{"LASKU", false, FL_LABEL_INVOICE}},
    ['M' - 'A'] = {{"MANDA", false, FL_LABEL_OTHER}},
    ['O' - 'A'] = {{"ORDER", false, FL_LABEL_ORDER}},
    ['P' - 'A'] = {{"PO", true, FL_LABEL_ORDER}, {"PAS", true, FL_LABEL_OTHER}},
    ['R' - 'A'] = {{"RECHNUNG", false, FL_LABEL_INVOICE},
                   {"RECHN", false, FL_LABEL_INVOICE},
                   {"RECH", true, FL_LABEL_INVOICE},
                   {"RG", true, FL_LABEL_INVOICE},
                   {"RGNR", true, FL_LABEL_INVOICE},
                   {"RNR", true, FL_LABEL_INVOICE},
                   {"RE", true, FL_LABEL_INVOICE},
                   {"RENR", true, FL_LABEL_INVOICE}},
    ['S' - 'A'] = {{"STEUER", false, FL_LABEL_OTHER}},
    ['T' - 'A'] = {{"TAN", true, FL_LABEL_OTHER}, {"TEL", true, FL_LABEL_OTHER}},
    ['V' - 'A'] = {{"VERTRAG", false, FL_LABEL_OTHER}},
};

static enum fl_token_label label_of(const struct fl_token_workspace *w,
                                    const struct fl_token_atom *atom)
{
    char letter = w->text[atom->from];
    if (letter < 'A' || letter > 'Z')
        return FL_LABEL_NONE;
    for (const struct label *label = labels[letter - 'A']; label->stem; label++) {
        if (label->whole ? atom_is(w, atom, label->stem) : atom_begins(w, atom, label->stem))
            return label->label;
    }
    return FL_LABEL_NONE;
}

/* What lies between the atom before and this one. */
static void read_gap(struct fl_token_workspace *w, struct fl_token_atom *atom, size_t from,
                     bool *new_item)
{
    atom->crossable = atom->joined = from > 0;
    *new_item = false;
    for (size_t i = from; i < atom->from; i++) {
        char c = w->text[i];
        if (c == ' ') {
            atom->joined = false;
        } else if (!is_joiner(c)) {
            atom->crossable = atom->joined = false;
            *new_item = *new_item || c == ',' || c == ';' || c == '+' || c == '&';
        }
    }
}

static void read_atoms(struct fl_token_workspace *w)
{
    uint16_t item = 0;
    size_t before = 0, compact = 0;
    w->atoms_count = 0;
    w->compact_to[0] = 0;
    for (size_t at = 0; at < w->text_length && w->atoms_count < FL_TOKEN_ATOMS_TEXT_MAX;) {
        if (!is_word_char(w->text[at])) {
            at++;
            continue;
        }
        bool digit = is_digit(w->text[at]), new_item;
        size_t end = at;
        while (end < w->text_length && is_word_char(w->text[end]) &&
               is_digit(w->text[end]) == digit)
            end++;
        struct fl_token_atom *atom = &w->atoms[w->atoms_count++];
        *atom =
            (struct fl_token_atom){.from = (uint16_t)at, .to = (uint16_t)end, .is_digit = digit};
        memcpy(w->compact + compact, w->text + at, end - at);
        compact += end - at;
        w->compact_to[w->atoms_count] = (uint16_t)compact;
        read_gap(w, atom, before, &new_item);
        item += new_item;
        atom->item = item;
        before = at = end;
    }
}

static bool is_long_number(const struct fl_token_atom *atom)
{
    return atom->is_digit && atom->to - atom->from >= 3;
}

/* Words between items, by their first letter. */
#define SEPARATORS_A_LETTER 5
#define SEPARATES           (1u << 7)
static const struct separator {
    const char *word;
    unsigned flags;
} separators[26][SEPARATORS_A_LETTER] = {
    ['A' - 'A'] = {{"AND", SEPARATES},
                   {"ABZGL", SEPARATES | FL_TOKEN_MINUS},
                   {"ABZUEGLICH", SEPARATES | FL_TOKEN_MINUS},
                   {"ABZ\xC3\xBCGLICH", SEPARATES | FL_TOKEN_MINUS}},
    ['B' - 'A'] = {{"BIS", SEPARATES | FL_TOKEN_RANGE_END}},
    ['E' - 'A'] = {{"EN", SEPARATES}, {"ET", SEPARATES}},
    ['H' - 'A'] = {{"HASTA", SEPARATES | FL_TOKEN_RANGE_END}},
    ['L' - 'A'] = {{"LESS", SEPARATES | FL_TOKEN_MINUS}},
    ['M' - 'A'] = {{"MINUS", SEPARATES | FL_TOKEN_MINUS},
                   {"MOINS", SEPARATES | FL_TOKEN_MINUS},
                   {"MENO", SEPARATES | FL_TOKEN_MINUS}},
    ['O' - 'A'] = {{"OG", SEPARATES}, {"OCH", SEPARATES}},
    ['P' - 'A'] = {{"PLUS", SEPARATES}},
    ['S' - 'A'] = {{"SOWIE", SEPARATES}},
    ['T' - 'A'] = {{"TO", SEPARATES | FL_TOKEN_RANGE_END},
                   {"TOT", SEPARATES | FL_TOKEN_RANGE_END},
                   {"TIL", SEPARATES | FL_TOKEN_RANGE_END},
                   {"TILL", SEPARATES | FL_TOKEN_RANGE_END}},
    ['U' - 'A'] = {{"UND", SEPARATES}},
};

/* and, to, minus; a single letter only between numbers. 0: no such word; else the flags and
 * SEPARATES. */
static unsigned separator_word(const struct fl_token_workspace *w, uint32_t i)
{
    static const char *const and_letters[] = {"Y", "E", "I", "O", NULL};
    const struct fl_token_atom *atom = &w->atoms[i];
    char letter = w->text[atom->from];
    if (atom->is_digit)
        return 0;
    bool known = letter >= 'A' && letter <= 'Z';
    for (const struct separator *s = known ? separators[letter - 'A'] : NULL; s && s->word; s++) {
        if (atom_is(w, atom, s->word))
            return s->flags;
    }
    bool between = i > 0 && i + 1 < w->atoms_count && is_long_number(&w->atoms[i - 1]) &&
                   is_long_number(&w->atoms[i + 1]) && !atom->joined && !w->atoms[i + 1].joined;
    if (between && atom_in(w, atom, and_letters))
        return SEPARATES;
    return between && (atom_is(w, atom, "A") || atom_is(w, atom, "\xC3\xA0"))
               ? SEPARATES | FL_TOKEN_RANGE_END
               : 0;
}

/* Dutch "t/m": two atoms, one word. */
static bool is_through(const struct fl_token_workspace *w, uint32_t i)
{
    return i + 1 < w->atoms_count && atom_is(w, &w->atoms[i], "T") &&
           atom_is(w, &w->atoms[i + 1], "M") && w->atoms[i + 1].joined &&
           w->text[w->atoms[i].to] == '/';
}

/* Numbers the items anew with the words that begin one, and hands flags to the atoms of each. */
static void split_items(struct fl_token_workspace *w)
{
    uint16_t shift = 0;
    uint8_t flags = 0;
    uint16_t item = 0;
    for (uint32_t i = 0; i < w->atoms_count; i++) {
        struct fl_token_atom *atom = &w->atoms[i];
        if (atom->item != item)
            flags = 0;
        item = atom->item;
        bool through = is_through(w, i);
        unsigned word = through ? SEPARATES | FL_TOKEN_RANGE_END : separator_word(w, i);
        atom->item = (uint16_t)(atom->item + shift);
        if (word) {
            atom->is_word = true;
            flags = (uint8_t)(word & 0x7F);
            shift++;
            if (through) {
                w->atoms[i + 1].is_word = true;
                w->atoms[++i].item = atom->item;
            }
            continue;
        }
        atom->item_flags = flags;
        if (i > 0 && w->atoms[i - 1].is_word)
            atom->crossable = atom->joined = false;
    }
}

/* A label counts for the number behind it, over NR and NO; a bare number of a list has the last
 * one. */
static void set_labels(struct fl_token_workspace *w)
{
    static const char *const links[] = {"NR", "NO", "NUM", "NUMMER", "NUMBER", "N", "VOM", NULL};
    uint8_t label = FL_LABEL_NONE, last = FL_LABEL_NONE;
    for (uint32_t i = 0; i < w->atoms_count; i++) {
        struct fl_token_atom *atom = &w->atoms[i];
        bool starts_item = i > 0 && atom->item != w->atoms[i - 1].item;
        if (!atom->is_digit) {
            uint8_t own = (uint8_t)label_of(w, atom);
            bool begins_number = i + 1 < w->atoms_count && w->atoms[i + 1].is_digit &&
                                 w->atoms[i + 1].joined; /* "Kundennr. C-003412" */
            if (own != FL_LABEL_NONE || (!atom_in(w, atom, links) && !begins_number))
                label = own;
            continue;
        }
        if (starts_item && label == FL_LABEL_NONE)
            label = last;
        atom->label = label;
        last = label;
        bool number_goes_on = i + 1 < w->atoms_count && w->atoms[i + 1].crossable;
        if (!number_goes_on)
            label = FL_LABEL_NONE;
    }
}

/* --- tokens ----------------------------------------------------------------------------------- */

/* Whether there is a token of this normal form; it has the label then, if it had none. */
static bool is_there(struct fl_token_workspace *w, struct fl_slice normal, uint64_t hash,
                     uint8_t label)
{
    for (uint32_t i = 0; i < w->tokens_count; i++) {
        struct fl_reference_token *other = &w->tokens[i];
        if (w->hashes[i] == hash && other->normal.length == normal.length &&
            memcmp(other->normal.at, normal.at, normal.length) == 0) {
            other->label = other->label ? other->label : label;
            return true;
        }
    }
    return false;
}

/* `compact`: its letters and digits as written. */
static void token_put(struct fl_token_workspace *w, struct fl_reference_token token, uint64_t hash,
                      struct fl_slice compact)
{
    token.schemes = (uint8_t)fl_reference_check(compact);
    bool all_digits = !(token.flags & FL_TOKEN_PREFIXED);
    if (compact.length == 27 && all_digits) /* only Swiss references are as long */
        token.flags |= token.schemes & FL_SCHEME_QRR ? FL_TOKEN_STRUCTURED : FL_TOKEN_CHECK_FAILED;
    if (token.schemes & FL_SCHEME_RF)
        token.flags |= FL_TOKEN_STRUCTURED;
    w->hashes[w->tokens_count] = hash;
    w->tokens[w->tokens_count++] = token;
}

static struct fl_slice normal_keep(struct fl_token_workspace *w, const char *normal, size_t length)
{
    char *kept = w->normals + w->normals_used;
    memcpy(kept, normal, length);
    w->normals_used += length;
    return fl_slice_of(kept, length);
}

/* Adds a token unless its normal form is there; `raw` may have signs in it. */
static void add_token(struct fl_token_workspace *w, struct fl_slice raw,
                      struct fl_reference_token token)
{
    char normal[FL_REFERENCE_BYTES_MAX], compact[FL_TOKEN_NORMAL_BYTES_MAX];
    size_t length = fl_reference_normal(raw.at, raw.length, normal), n = 0;
    if (length == 0 || length > FL_TOKEN_NORMAL_BYTES_MAX)
        return;
    for (size_t i = 0; i < length; i++) {
        token.digits = (uint8_t)(token.digits + is_digit(normal[i]));
        if (!is_digit(normal[i]))
            token.flags |= FL_TOKEN_PREFIXED;
    }
    uint64_t hash = fl_token_hash(normal, length);
    if (is_there(w, fl_slice_of(normal, length), hash, token.label))
        return;
    if (w->tokens_count == FL_TOKENS_MAX) {
        w->truncated = true;
        return;
    }
    for (size_t i = 0; i < raw.length && n < sizeof compact; i++) {
        if (is_word_char(raw.at[i]))
            compact[n++] = raw.at[i];
    }
    token.normal = normal_keep(w, normal, length);
    token_put(w, token, hash, fl_slice_of(compact, n));
}

/* The zeros that begin the last run of digits of atoms first to last, but for a last digit; `*run`
 * is where it begins. */
static size_t zeros_of(const struct fl_token_workspace *w, uint32_t first, uint32_t last,
                       size_t *run)
{
    while (!w->atoms[last].is_digit)
        last--;
    size_t end = w->compact_to[last + 1], at;
    while (last > first && w->atoms[last - 1].is_digit)
        last--;
    *run = at = w->compact_to[last];
    while (at + 1 < end && w->compact[at] == '0')
        at++;
    return at - *run;
}

/* The same for atoms first to last, a digit atom among them: what signs stand between them is gone
 * already. */
static void add_window(struct fl_token_workspace *w, uint32_t first, uint32_t last,
                       struct fl_reference_token token)
{
    size_t from = w->compact_to[first], to = w->compact_to[last + 1], run;
    struct fl_slice compact = fl_slice_of(w->compact + from, to - from), normal = compact;
    if (compact.length > FL_TOKEN_NORMAL_BYTES_MAX) {
        add_token(w, fl_slice_of(w->text + token.from, token.to - token.from), token);
        return;
    }
    size_t zeros = zeros_of(w, first, last, &run), digits = 0;
    if (zeros > 0) {
        char *kept = w->normals + w->normals_used; /* counts if the token stays */
        memcpy(kept, compact.at, run - from);
        memcpy(kept + (run - from), w->compact + run + zeros, to - run - zeros);
        normal = fl_slice_of(kept, compact.length - zeros);
    }
    for (uint32_t i = first; i <= last; i++)
        digits += w->atoms[i].is_digit ? (size_t)(w->atoms[i].to - w->atoms[i].from) : 0;
    token.digits = (uint8_t)(digits - zeros);
    token.flags |= digits < compact.length ? FL_TOKEN_PREFIXED : 0;
    uint64_t hash = fl_token_hash(normal.at, normal.length);
    if (is_there(w, normal, hash, token.label))
        return;
    if (w->tokens_count == FL_TOKENS_MAX) {
        w->truncated = true;
        return;
    }
    w->normals_used += zeros > 0 ? normal.length : 0;
    token.normal = normal;
    token_put(w, token, hash, compact);
}

static void add_structured(struct fl_token_workspace *w, size_t from, size_t to,
                           struct fl_slice compact, bool holds)
{
    struct fl_reference_token token = {
        .from = (uint32_t)from,
        .to = (uint32_t)to,
        .atoms = 1,
        .flags = FL_TOKEN_TIGHT | (holds ? FL_TOKEN_STRUCTURED : FL_TOKEN_CHECK_FAILED)};
    add_token(w, compact, token);
}

/* Whether a number may be parted before atom i (K2). */
static bool may_part(const struct fl_token_workspace *w, uint32_t i)
{
    if (i == 0 || i == w->atoms_count)
        return true;
    return !(w->atoms[i].is_digit && w->atoms[i - 1].is_digit && w->atoms[i].joined);
}

/* A blank beside a word of four letters or more: text, rather than a number's own blank. */
static bool is_loose_gap(const struct fl_token_workspace *w, uint32_t i)
{
    const struct fl_token_atom *a = &w->atoms[i - 1], *b = &w->atoms[i];
    return !b->joined &&
           ((!a->is_digit && a->to - a->from >= 4) || (!b->is_digit && b->to - b->from >= 4));
}

/* All tokens that begin at atom i and are as tight as wanted. */
static void add_windows(struct fl_token_workspace *w, uint32_t first, bool tight)
{
    uint32_t last = first;
    bool loose[FL_TOKEN_ATOMS_MAX] = {false};
    uint32_t digit[FL_TOKEN_ATOMS_MAX]; /* first digit atom so far; UINT32_MAX: none */
    digit[0] = w->atoms[first].is_digit ? first : UINT32_MAX;
    for (uint32_t n = 1; n < FL_TOKEN_ATOMS_MAX; n++) {
        uint32_t i = first + n;
        if (i >= w->atoms_count || !w->atoms[i].crossable || w->atoms[i].is_word)
            break;
        loose[n] = loose[n - 1] || is_loose_gap(w, i);
        digit[n] = digit[n - 1] == UINT32_MAX && w->atoms[i].is_digit ? i : digit[n - 1];
        last = i;
    }
    for (uint32_t end = last + 1; end-- > first;) {
        uint32_t n = end - first;
        if (loose[n] == tight || digit[n] == UINT32_MAX || !may_part(w, end + 1))
            continue;
        const struct fl_token_atom *a = &w->atoms[first], *b = &w->atoms[end];
        struct fl_reference_token token = {
            .from = a->from,
            .to = b->to,
            .item = a->item,
            .flags = (uint16_t)(a->item_flags | (tight ? FL_TOKEN_TIGHT : 0)),
            .label = w->atoms[digit[n]].label,
            .atoms = (uint8_t)(n + 1)};
        add_window(w, first, end, token);
    }
}

/* A prefix to be taken over: atoms [from, to) of the text. */
struct prefix {
    uint32_t from, to;
};

/* The number that ends with digit atom i: what is joined before it. */
static struct prefix prefix_of(const struct fl_token_workspace *w, uint32_t i)
{
    uint32_t from = i;
    while (from > 0 && w->atoms[from].joined && !w->atoms[from - 1].is_word &&
           i - from < FL_TOKEN_ATOMS_MAX)
        from--;
    bool word_before = from > 0 && w->atoms[from].crossable && !w->atoms[from - 1].is_digit &&
                       !w->atoms[from - 1].is_word;
    return (struct prefix){word_before ? from - 1 : from, i};
}

static void add_taken_over(struct fl_token_workspace *w, struct prefix prefix, uint32_t first,
                           uint32_t last)
{
    const struct fl_token_atom *a = &w->atoms[first], *b = &w->atoms[last];
    for (uint32_t from = prefix.from; from < prefix.to; from++) {
        for (unsigned whole = 2; whole-- > 0;) {
            uint32_t to = whole ? prefix.to : from + 1; /* "RE-2024-" and "RE-" */
            if ((!whole && (to == prefix.to || w->atoms[from].is_digit)) ||
                (whole && w->atoms[from].is_digit && from > prefix.from && w->atoms[from].joined))
                continue;
            char text[FL_TOKEN_NORMAL_BYTES_MAX * 2];
            size_t head = (size_t)(w->atoms[to - 1].to - w->atoms[from].from);
            size_t tail = (size_t)(b->to - a->from);
            if (head + tail > sizeof text)
                continue;
            memcpy(text, w->text + w->atoms[from].from, head);
            memcpy(text + head, w->text + a->from, tail);
            struct fl_reference_token token = {
                .from = a->from,
                .to = b->to,
                .item = a->item,
                .flags = (uint16_t)(a->item_flags | FL_TOKEN_TAKEN_OVER | FL_TOKEN_TIGHT),
                .label = a->label,
                .atoms = (uint8_t)(last - first + 1)};
            add_token(w, fl_slice_of(text, head + tail), token);
        }
    }
}

/* K3: at each item's first atom, if it is a number without letters. */
static void take_over_prefixes(struct fl_token_workspace *w)
{
    struct prefix prefix = {0};
    for (uint32_t i = 0; i < w->atoms_count; i++) {
        const struct fl_token_atom *atom = &w->atoms[i];
        if (!atom->is_digit)
            continue;
        uint32_t last = i;
        while (last + 1 < w->atoms_count && w->atoms[last + 1].is_digit &&
               w->atoms[last + 1].joined)
            last++;
        bool bare = i > 0 && !atom->crossable && atom->item != w->atoms[0].item &&
                    (w->atoms[i - 1].item != atom->item || w->atoms[i - 1].is_word);
        struct prefix own = prefix_of(w, last);
        if (bare && prefix.to > prefix.from && last - i < FL_TOKEN_ATOMS_MAX)
            add_taken_over(w, prefix, i, last);
        if (own.to > own.from && !bare)
            prefix = own;
        i = last;
    }
}

void fl_reference_tokens(struct fl_token_workspace *w, struct fl_slice text)
{
    w->tokens_count = w->atoms_count = 0;
    w->normals_used = w->text_length = 0;
    w->truncated = false;
    if (fl_statement_is_filler(text))
        return;
    set_text(w, text);
    cut_all(w);
    read_atoms(w);
    split_items(w);
    set_labels(w);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < w->atoms_count; i++) {
            if (!w->atoms[i].is_word && may_part(w, i))
                add_windows(w, i, pass == 0);
        }
        if (pass == 0)
            take_over_prefixes(w);
    }
    FL_ASSERT(w->tokens_count <= FL_TOKENS_MAX && w->normals_used <= sizeof w->normals);
}

void fl_reference_tokens_add(struct fl_token_workspace *w, struct fl_slice reference)
{
    char text[FL_TOKEN_NORMAL_BYTES_MAX * 2];
    if (fl_statement_is_filler(reference) || reference.length > sizeof text)
        return;
    size_t n = fl_utf8_nfkc(reference.at, reference.length, text, sizeof text);
    n = plain_punctuation(text, n);
    add_token(w, fl_slice_of(text, n),
              (struct fl_reference_token){.atoms = 1, .flags = FL_TOKEN_TIGHT});
}

/* --- ranges ----------------------------------------------------------------------------------- */

/* Splits a normal form at its last run of digits, which must end it. */
static bool split_number(struct fl_slice normal, size_t *head, uint64_t *number)
{
    size_t at = normal.length;
    while (at > 0 && is_digit(normal.at[at - 1]))
        at--;
    if (at == normal.length || normal.length - at > 18)
        return false;
    *head = at;
    *number = 0;
    for (size_t i = at; i < normal.length; i++)
        *number = *number * 10 + (uint64_t)(normal.at[i] - '0');
    return true;
}

uint32_t fl_reference_range(const struct fl_reference_token *first,
                            const struct fl_reference_token *last, uint32_t most)
{
    size_t a_head, b_head;
    uint64_t a, b;
    if (!split_number(first->normal, &a_head, &a) || !split_number(last->normal, &b_head, &b) ||
        a_head != b_head || memcmp(first->normal.at, last->normal.at, a_head) != 0 || b <= a ||
        b - a >= most)
        return 0;
    return (uint32_t)(b - a + 1);
}

size_t fl_reference_range_at(const struct fl_reference_token *first, uint32_t n,
                             char out[FL_TOKEN_NORMAL_BYTES_MAX])
{
    size_t head;
    uint64_t number;
    bool split = split_number(first->normal, &head, &number);
    FL_ASSERT(split);
    number += n;
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (head + count > FL_TOKEN_NORMAL_BYTES_MAX)
        return 0;
    memcpy(out, first->normal.at, head);
    for (size_t i = 0; i < count; i++)
        out[head + i] = digits[count - 1 - i];
    return head + count;
}

uint32_t fl_reference_range_start(const struct fl_token_workspace *w, uint32_t end)
{
    FL_ASSERT(end < w->tokens_count);
    const struct fl_reference_token *last = &w->tokens[end];
    for (uint32_t i = 0; i < w->tokens_count && last->item > 0; i++) {
        if (w->tokens[i].item + 1 == last->item &&
            fl_reference_range(&w->tokens[i], last, UINT32_MAX))
            return i;
    }
    return UINT32_MAX;
}
