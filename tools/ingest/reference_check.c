#include "tools/ingest/reference_check.h"

#include "core/domain/check_digits.h"

bool fl_reference_check_rf(struct fl_slice reference)
{
    return fl_check_rf(reference.at, reference.length);
}

bool fl_reference_check_iban(struct fl_slice account)
{
    return fl_check_iban(account.at, account.length);
}

bool fl_reference_check_qrr(struct fl_slice reference)
{
    return fl_check_qrr(reference.at, reference.length);
}

bool fl_reference_check_finnish(struct fl_slice reference)
{
    return fl_check_finnish(reference.at, reference.length);
}

bool fl_reference_check_kid10(struct fl_slice reference)
{
    return fl_check_kid10(reference.at, reference.length);
}

bool fl_reference_check_kid11(struct fl_slice reference)
{
    return fl_check_kid11(reference.at, reference.length);
}

bool fl_reference_check_belgian(struct fl_slice reference)
{
    return fl_check_belgian(reference.at, reference.length);
}

unsigned fl_reference_check(struct fl_slice reference)
{
    unsigned schemes = 0;
    if (reference.length > 0 && (reference.at[0] < '0' || reference.at[0] > '9'))
        return fl_reference_check_rf(reference) ? FL_SCHEME_RF : 0; /* the others are of digits */
    schemes |= fl_reference_check_qrr(reference) ? FL_SCHEME_QRR : 0;
    schemes |= fl_reference_check_finnish(reference) ? FL_SCHEME_FINNISH : 0;
    schemes |= fl_reference_check_kid10(reference) ? FL_SCHEME_KID10 : 0;
    schemes |= fl_reference_check_kid11(reference) ? FL_SCHEME_KID11 : 0;
    schemes |= fl_reference_check_belgian(reference) ? FL_SCHEME_BELGIAN : 0;
    return schemes;
}
