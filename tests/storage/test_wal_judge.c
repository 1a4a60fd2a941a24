#include <criterion/criterion.h>

#include "storage/wal_judge.h"
#include "tests/support/wal_table.h"

Test(wal_judge, every_combination_meets_exactly_one_case_and_that_one_is_decided)
{
    int met[8] = {0}, combinations = 0;
    struct fl_wal_facts facts;
    for (int i = 0; fl_wal_table_combination(i, &facts); i++, combinations++) {
        int row = fl_wal_table_case(&facts);
        cr_assert_geq(row, 0, "combination %d meets %s", i, row == -1 ? "no line" : "two lines");
        cr_assert_eq((int)fl_wal_judge(&facts), row, "combination %d", i);
        met[row]++;
    }
    cr_assert_eq(combinations, 384);
    for (int row = 0; row < 8; row++)
        cr_assert_gt(met[row], 0, "line %d is never met", row);
}
