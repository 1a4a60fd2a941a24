#include "tools/gen/bank_words.h"

#include <string.h>

size_t fl_bank_words_name(const struct fl_bank_line *line, char out[FL_GEN_NAME_BYTES])
{
    size_t length = strlen(line->other.name);
    memcpy(out, line->other.name, length + 1);
    fl_gen_plain(out, length);
    for (size_t i = 0; i < length; i++)
        if (out[i] == '&')
            out[i] = '+';
    return length;
}

static size_t append(char *out, size_t at, const char *bytes, size_t length)
{
    if (at > 0)
        out[at++] = ' ';
    FL_ASSERT(at + length < FL_BANK_WORDS_BYTES);
    memcpy(out + at, bytes, length);
    return at + length;
}

size_t fl_bank_words_all(const struct fl_bank_line *line, char out[FL_BANK_WORDS_BYTES])
{
    char name[FL_GEN_NAME_BYTES];
    size_t n = append(out, 0, line->text, strlen(line->text));
    if (line->reference[0] != '\0')
        n = append(out, n, line->reference, strlen(line->reference));
    n = append(out, n, name, fl_bank_words_name(line, name));
    if (line->other.iban[0] != '\0')
        n = append(out, n, line->other.iban, strlen(line->other.iban));
    return n;
}

size_t fl_bank_words_cut(const char *words, size_t length, size_t room, size_t *skip_out)
{
    *skip_out = 0;
    if (length <= room)
        return length;
    size_t cut = room;
    while (cut > 0 && words[cut] != ' ')
        cut--;
    if (cut == 0) /* a list without blanks is longer than a line */
        return room;
    *skip_out = 1;
    return cut;
}

size_t fl_bank_words_latin(char *words, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)words[i];
        if ((c == 0xc2 || c == 0xc3) && i + 1 < length) {
            i++;
            c = (unsigned char)((c & 3) << 6 | ((unsigned char)words[i] & 0x3f));
        }
        words[n++] = (char)c;
    }
    words[n] = '\0';
    return n;
}
