#include "tools/ingest/account_number.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define IBAN_BYTES_MIN 15
#define IBAN_BYTES_MAX 34

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void leave_out(char *text, char what)
{
    size_t to = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] != what)
            text[to++] = text[i];
    }
    text[to] = '\0';
}

/* Two letters, two digits, 11 to 30 letters and digits. */
static bool has_iban_shape(const char *text)
{
    size_t length = strlen(text);
    if (length < IBAN_BYTES_MIN || length > IBAN_BYTES_MAX)
        return false;
    if (!is_letter(text[0]) || !is_letter(text[1]) || !is_digit(text[2]) || !is_digit(text[3]))
        return false;
    for (size_t i = 4; i < length; i++) {
        if (!is_letter(text[i]) && !is_digit(text[i]))
            return false;
    }
    return true;
}

void fl_account_number_normal(char account[FL_ID_BYTES_MAX + 1])
{
    char iban[FL_ID_BYTES_MAX + 1];
    leave_out(account, ' ');
    if (account[0] == '/' && account[1] != '\0')
        memmove(account, account + 1, strlen(account));
    strcpy(iban, account);
    leave_out(iban, '-');
    const char *at = iban;
    if (strncasecmp(at, "IBAN", 4) == 0)
        at += at[4] == ':' ? 5 : 4;
    if (!has_iban_shape(at))
        return;
    size_t length = strlen(at);
    for (size_t i = 0; i < length; i++)
        account[i] = is_letter(at[i]) ? (char)(at[i] & ~0x20) : at[i];
    account[length] = '\0';
}
