/* Applications and their reversal, told again as the log prints them. */
#include <criterion/criterion.h>

#include "tests/support/book.h"
#include "tools/format/command_json.h"

static struct fl_test_book *book, *copy;

static void setup(void)
{
    book = fl_book_open(NULL);
    copy = fl_book_open(NULL);
}

static void teardown(void)
{
    fl_book_close(book);
    fl_book_close(copy);
}

TestSuite(application, .init = setup, .fini = teardown);

/* Sends it to the one, and what `log` prints of it to the other. */
static void tell(const char *line)
{
    struct fl_json_text text = {.bytes = NULL};
    fl_book_must(book, "%s", line);
    fl_command_json_write(&text, fl_book_command(book), NULL);
    fl_json_putc(&text, '\0');
    fl_book_must(copy, "%s", text.bytes);
    cr_assert_eq(fl_book_digest(copy), fl_book_digest(book), "%s", text.bytes);
    fl_json_text_free(&text);
}

Test(application, pushed_out_of_a_closed_day_is_the_same_when_the_log_is_read_again)
{
    tell("{\"type\":\"customer\",\"id\":\"C\",\"name\":\"C\",\"currency\":\"EUR\","
         "\"credit_limit\":null}");
    tell("{\"type\":\"invoice\",\"id\":\"I\",\"customer\":\"C\",\"date\":\"2025-01-02\","
         "\"amount\":{\"net\":\"250\",\"tax\":\"0\"}}");
    tell("{\"type\":\"receipt\",\"id\":\"R\",\"amount\":\"250\",\"currency\":\"EUR\",\"date\":"
         "\"2025-02-03\",\"references\":[\"I\"]}");
    tell("{\"type\":\"period_close\",\"through\":\"2025-05-31\"}");
    tell("{\"type\":\"application_reverse\",\"application\":\"R/1\"}");
    tell("{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"amount\":\"200\"}");
    tell("{\"type\":\"application_reverse\",\"application\":\"R/2\",\"date\":\"2025-06-02\"}");
    tell("{\"type\":\"application\",\"receipt\":\"R\",\"invoice\":\"I\",\"date\":\"2025-06-03\"}");
}
