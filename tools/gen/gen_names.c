#include "tools/gen/gen_names.h"

#include <string.h>

#include "core/base/contract.h"

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

static const char *const id_prefixes[] = {"C-", "P-", "SO-", "SH-", "INV-", "R-", "ST-",
                                           "CN-"};

static const char *const first_words[] = {
    "Nordwind", "Süd", "Alpen", "Hansa", "Rhein", "Elbe", "Weser", "Main", "Spree", "Neckar",
    "Isar", "Donau", "Harz", "Eifel", "Taunus", "Allgäu", "Müller", "Schröder", "Köhler",
    "Jäger", "Weiß", "Krüger", "Böhm", "Lindner", "Falk", "Brandt", "Seidel", "Kramer", "Voss",
    "Ahrens", "Petersen", "Jansen", "Delta", "Orion", "Vega", "Kontor", "Merkur", "Atlas",
    "Fortuna", "Aurora", "Grün", "Blau", "Stern", "Adler", "Falken", "Löwen", "Bären", "Hirsch"};
static const char *const second_words[] = {
    "Möbel", "Handel", "Technik", "Bau", "Druck", "Logistik", "Papier", "Werkzeuge", "Küchen",
    "Elektro", "Garten", "Sport", "Fahrräder", "Textil", "Mode", "Schuhe", "Lebensmittel",
    "Wein", "Kaffee", "Tee", "Bäckerei", "Fleisch", "Obst", "Feinkost", "Optik", "Medizin",
    "Labor", "Chemie", "Farben", "Lacke", "Glas", "Keramik", "Metall", "Stahl", "Holz",
    "Kunststoff", "Verpackung", "Büro", "Software", "Medien", "Verlag", "Reisen", "Hotel",
    "Gastro", "Pflege", "Reinigung", "Energie", "Solar"};
static const char *const towns[] = {
    "Altheim", "Birkenau", "Calden", "Dornfeld", "Eschbach", "Felsberg", "Grünwald",
    "Hochdorf", "Ilmstadt", "Jena Nord", "Kirchau", "Lindental", "Marbach", "Neustadt",
    "Oberau", "Pfalzheim", "Quellbach", "Rosental", "Steinau", "Talheim", "Ulmenhof",
    "Vierlinden", "Waldeck", "Zellberg", "Achim", "Bergen", "Cronberg", "Drei Eichen",
    "Elmshof", "Forst", "Gera Süd", "Hameln", "Immenhof", "Juist", "Köslin", "Lauenau",
    "Mölln", "Nordhafen", "Ottersberg", "Plön", "Rheda", "Sanddorf", "Travental", "Uelzen",
    "Vechta", "Wismar", "Xanten", "Zeven"};
static const char *const forms[] = {
    "GmbH", "AG", "KG", "GmbH & Co. KG", "OHG", "e.K.", "& Söhne", "SE"};
static const char *const articles[] = {
    "Regal", "Lampe", "Tisch", "Stuhl", "Schraube", "Bohrer", "Kabel", "Stecker", "Ordner",
    "Toner", "Karton", "Folie", "Becher", "Teller", "Messer", "Topf"};
static const char *const given_names[] = {
    "Anna", "Jonas", "Maria", "Peter", "Ute", "Karl", "Sophie", "Emil", "Petra", "Hans", "Eva",
    "Otto"};
static const char *const family_names[] = {
    "Berger", "Huber", "Wolf", "Schuster", "Maier", "Lang", "Winter", "Sommer", "Vogel", "Roth"};

static size_t append(char *out, size_t at, const char *word)
{
    size_t length = strlen(word);
    memcpy(out + at, word, length + 1);
    return at + length;
}

static size_t append_number(char *out, size_t at, uint64_t value, unsigned digits)
{
    char reversed[24];
    unsigned n = 0;
    for (; value > 0 || n < digits; value /= 10)
        reversed[n++] = (char)('0' + value % 10);
    while (n > 0)
        out[at++] = reversed[--n];
    out[at] = '\0';
    return at;
}

size_t fl_gen_id(enum fl_gen_id_kind kind, uint32_t number, char out[FL_GEN_ID_BYTES])
{
    FL_ASSERT((size_t)kind < COUNT_OF(id_prefixes));
    return append_number(out, append(out, 0, id_prefixes[kind]), (uint64_t)number + 1, 6);
}

size_t fl_gen_company(uint32_t number, char out[FL_GEN_NAME_BYTES])
{
    static_assert(COUNT_OF(first_words) * COUNT_OF(second_words) * COUNT_OF(towns) *
                          COUNT_OF(forms) == FL_GEN_COMPANIES,
                  "names differ below this number");
    /* A prime that does not divide the count visits every name once, in no visible order. */
    uint64_t index = (uint64_t)(number % FL_GEN_COMPANIES) * 7919 % FL_GEN_COMPANIES;
    size_t n = append(out, 0, first_words[index % 48]);
    n = append(out, append(out, n, " "), second_words[index / 48 % 48]);
    n = append(out, append(out, n, " "), forms[index / (48 * 48 * 48) % 8]);
    n = append(out, append(out, n, ", "), towns[index / (48 * 48) % 48]);
    if (number >= FL_GEN_COMPANIES)
        n = append_number(out, append(out, n, " "), number / FL_GEN_COMPANIES + 1, 1);
    return n;
}

size_t fl_gen_product(uint32_t number, char out[FL_GEN_NAME_BYTES])
{
    size_t n = append(out, append(out, 0, articles[number % 16]), " Typ ");
    return append_number(out, n, number / 16 + 1, 1);
}

size_t fl_gen_person(uint32_t number, char out[FL_GEN_NAME_BYTES])
{
    size_t n = append(out, append(out, 0, given_names[number % 12]), " ");
    return append(out, n, family_names[number / 12 % 10]);
}

/* Exactly `digits` digits, no NUL. */
static void put_digits(char *out, uint64_t value, unsigned digits)
{
    for (; digits > 0; value /= 10)
        out[--digits] = (char)('0' + value % 10);
}

size_t fl_gen_iban(uint32_t bank, uint64_t number, char out[FL_GEN_IBAN_BYTES])
{
    FL_ASSERT(bank < 100 && number < UINT64_C(10000000000));
    memcpy(out, "DE00999000bbnnnnnnnnnn", FL_GEN_IBAN_BYTES);
    put_digits(out + 10, bank, 2);
    put_digits(out + 12, number, 10);
    /* ISO 13616: the country's letters as numbers (D 13, E 14) and 00 go behind, mod 97. */
    unsigned rest = 0;
    for (size_t i = 4; i < FL_GEN_IBAN_BYTES - 1; i++)
        rest = (rest * 10 + (unsigned)(out[i] - '0')) % 97;
    rest = (unsigned)((uint64_t)rest * 1000000 % 97 + 131400) % 97;
    put_digits(out + 2, 98 - rest, 2);
    return FL_GEN_IBAN_BYTES - 1;
}

size_t fl_gen_plain(char *text, size_t length)
{
    static const struct {
        unsigned char second;
        char plain[3];
    } letters[] = {{0xa4, "AE"}, {0xb6, "OE"}, {0xbc, "UE"}, {0x84, "AE"},
                   {0x96, "OE"}, {0x9c, "UE"}, {0x9f, "SS"}};
    for (size_t i = 0; i < length; i++) {
        if (text[i] >= 'a' && text[i] <= 'z')
            text[i] = (char)(text[i] - 'a' + 'A');
        for (size_t k = 0; k < COUNT_OF(letters) && i + 1 < length; k++)
            if ((unsigned char)text[i] == 0xc3 && (unsigned char)text[i + 1] == letters[k].second) {
                memcpy(text + i, letters[k].plain, 2);
                break;
            }
    }
    return length;
}
