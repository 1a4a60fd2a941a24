#include "core/domain/decision.h"

static bool is_word(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

bool fl_decision_by_machine(const char *by, size_t length)
{
    static const char name[] = "florin";
    const size_t n = sizeof name - 1;
    if (length < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if ((by[i] | 0x20) != name[i])
            return false;
    }
    return length == n || !is_word(by[n]);
}

bool fl_decision_of_person(const struct fl_command *command, struct fl_text by,
                           const struct fl_match *match)
{
    if (by.length > 0)
        return !fl_decision_by_machine(fl_command_text(command, by), by.length);
    return !match || match->rule <= 1; /* an optional number: 1 is rule 0, which is none */
}

bool fl_decision_was_undone(const struct fl_store *store, uint32_t last_movement, uint32_t invoice)
{
    for (uint32_t row = last_movement; row != FL_NO_ROW;
         row = fl_movement_row(store, row)->prev_of_source) {
        const struct fl_movement_row *move = fl_movement_row(store, row);
        bool applies = move->kind == FL_MOVE_APPLY_RECEIPT || move->kind == FL_MOVE_APPLY_CREDIT;
        if (applies && move->invoice == invoice && move->flags & FL_MOVE_FLAG_PERSON &&
            fl_movement_cold(store, row)->reverses != FL_NO_ROW)
            return true;
    }
    return false;
}
