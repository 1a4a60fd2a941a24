#include "tests/support/engine_script.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/date.h"
#include "tests/support/host_fixture.h"
#include "tools/format/command_json.h"

#define ROUNDS 8
#define LINE   4096

struct writing {
    struct fl_engine_script *script;
    struct fl_command_json reader;
};

void fl_script_answer_add(struct fl_script_answer *answer, const struct fl_result *result)
{
    struct fl_result plain = *result;
    plain.tag = 0;
    plain.flags &= (uint16_t)~FL_FLAG_MEMBER;
    if (answer->room - answer->used < FL_RESULT_PACKED_MAX) {
        answer->room = answer->room * 2 + 2 * FL_RESULT_PACKED_MAX;
        answer->bytes = realloc(answer->bytes, answer->room);
        cr_assert_not_null(answer->bytes);
    }
    answer->used += fl_result_pack(&plain, answer->bytes + answer->used);
}

/* ---- the commands ---- */

static struct fl_command *copy_of(const struct fl_command *command)
{
    size_t bytes = (command->bytes + FL_COMMAND_SLACK + 63) & ~(size_t)63;
    struct fl_command *copy = aligned_alloc(64, bytes);
    cr_assert_not_null(copy);
    memset(copy, 0, bytes);
    memcpy(copy, command, command->bytes);
    return copy;
}

static void say(struct writing *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A quote of JSON is written ' here. */
static void say(struct writing *w, const char *format, ...)
{
    char line[LINE + FL_JSON_PADDING] = "";
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, LINE, format, arguments);
    va_end(arguments);
    cr_assert(length > 0 && length < LINE);
    for (int i = 0; i < length; i++)
        if (line[i] == '\'')
            line[i] = '"';
    struct fl_engine_script *script = w->script;
    struct fl_command *command;
    w->reader.now_us += 1000003;
    enum fl_status status = fl_command_json_read(&w->reader, line, (size_t)length, &command);
    cr_assert_eq(status, FL_OK, "%s: %s %s", line, fl_status_name(status), w->reader.path);
    fl_command_json_zone_settle(&w->reader, true);
    script->steps = realloc(script->steps, (script->count + 1) * sizeof *script->steps);
    cr_assert_not_null(script->steps);
    script->steps[script->count++] = (struct fl_script_step){.command = copy_of(command)};
}

static void masters(struct writing *w)
{
    say(w, "{'type':'book','key':'book','base_currency':'EUR','confirm':'manual',"
           "'tolerances':{'EUR':'0.05'},'key_days':7,'reservation_days':5}");
    say(w, "{'type':'fx_rate','key':'fx','date':'2025-01-01','from':'USD','to':'EUR',"
           "'rate':'0.9137'}");
    say(w, "{'type':'bank_account','id':'B0','key':'b0','currency':'EUR','opening':'1000'}");
    say(w, "{'type':'bank_account','id':'B1','key':'b1','currency':'USD'}");
    for (unsigned i = 0; i < 4; i++) {
        say(w,
            "{'type':'customer','id':'C%u','key':'c%u','name':'customer %u','currency':'%s',"
            "'credit_limit':%s,'discount':{'percent':'2','days':10}}",
            i, i, i, i == 3 ? "USD" : "EUR", i == 1 ? "'200'" : "null");
        say(w,
            "{'type':'product','id':'P%u','key':'p%u','name':'product %u','currency':'%s',"
            "'price':'%u.50','tax_rate':'19','stock_control':%s}",
            i, i, i, i == 3 ? "USD" : "EUR", 10 + i, i == 0 ? "false" : "true");
        say(w, "{'type':'stock','key':'s%u','product':'P%u','kind':'receive','quantity':'100'}", i,
            i);
    }
}

/* Orders: shipped in two parts and billed; over the limit and decided; short of stock; cancelled.
 */
static void orders(struct writing *w, unsigned r)
{
    for (int twice = 0; twice < 2; twice++)
        say(w,
            "{'type':'order','id':'SO%u','customer':'C0','lines':[{'product':'P1','quantity':"
            "'3'},{'product':'P0','quantity':'1.5','price':'7.333'}],'shipping':{'amount':"
            "'4.90','tax_rate':'19'}}",
            r);
    say(w, "{'type':'order','id':'SO%u','customer':'C0','lines':[{'product':'P1','quantity':'4'}]}",
        r);
    say(w, "{'type':'shipment','id':'SH%u','order':'SO%u'}", r, r); /* not confirmed yet */
    say(w, "{'type':'order_confirm','key':'oc%u','order':'SO%u'}", r, r);
    say(w, "{'type':'shipment','id':'SH%u','order':'SO%u','lines':[{'line':1,'quantity':'2'}]}", r,
        r);
    say(w, "{'type':'invoice','id':'IS%u','shipment':'SH%u'}", r, r);
    say(w, "{'type':'shipment','id':'SI%u','order':'SO%u','carrier':'post'}", r, r);
    say(w, "{'type':'invoice','key':'in%u','order':'SO%u'}", r, r); /* the series' number */
    say(w,
        "{'type':'order','id':'OL%u','customer':'C1','lines':[{'product':'P2','quantity':'20'}]}",
        r);
    say(w, "{'type':'credit_decision','key':'cd%u','order':'OL%u','decision':'%s','by':'ann'}", r,
        r, r % 2 ? "reject" : "release");
    say(w,
        "{'type':'order','id':'OS%u','customer':'C0','lines':[{'product':'P3','quantity':"
        "'1000','price':'1'}],'currency':'EUR'}",
        r);
    say(w,
        "{'type':'order','id':'OC%u','customer':'C2','lines':[{'product':'P2','quantity':'1'},"
        "{'product':'P1','quantity':'2'}]}",
        r);
    say(w,
        "{'type':'order_cancel','key':'ox%u','order':'OC%u','lines':[{'line':2,'quantity':'1'}],"
        "'restock':true}",
        r, r);
    say(w, "{'type':'order_cancel','key':'oy%u','order':'OC%u','restock':true}", r, r);
    say(w, "{'type':'order_cancel','key':'oz%u','order':'OC%u','restock':true}", r, r);
}

static void invoices(struct writing *w, unsigned r)
{
    say(w, "{'type':'invoice','id':'IA%u','customer':'C2','amount':{'net':'100.00','tax':'19.00'}}",
        r);
    say(w,
        "{'type':'invoice','id':'IB%u','customer':'C2','lines':[{'text':'work','price':'%u.10',"
        "'tax_rate':'19'},{'product':'P1','quantity':'3','price':'1.115'}]}",
        r, 40 + r);
    say(w, "{'type':'invoice','id':'IC%u','customer':'C0','amount':{'net':'50.00','tax':'9.50'}}",
        r);
    say(w,
        "{'type':'invoice','id':'ID%u','customer':'C3','currency':'USD','amount':{'net':'80',"
        "'tax':'0'}}",
        r);
    say(w, "{'type':'invoice','id':'IE%u','customer':'nobody','amount':{'net':'1','tax':'0'}}", r);
}

static void receipts(struct writing *w, unsigned r)
{
    for (int twice = 0; twice < 2; twice++)
        say(w,
            "{'type':'receipt','id':'RA%u','amount':'119.00','currency':'EUR','references':"
            "['IA%u'],'account':'B0'}",
            r, r);
    say(w, "{'type':'receipt','id':'RU%u','amount':'33.33','currency':'EUR','fee':'0.33'}", r);
    say(w, "{'type':'receipt_assign','key':'ra%u','receipt':'RU%u','customer':'C0'}", r, r);
    say(w, "{'type':'receipt','id':'RB%u','amount':'90.00','currency':'EUR','customer':'C0'}", r);
    say(w, "{'type':'application','id':'A%u','receipt':'RB%u','invoice':'IC%u','amount':'30.00'}",
        r, r, r);
    say(w, "{'type':'application','id':'AX%u','receipt':'RB%u','invoice':'IC%u','amount':'900'}", r,
        r, r);
    say(w, "{'type':'application_reverse','key':'ar%u','application':'A%u'}", r, r);
    say(w, "{'type':'application','id':'AB%u','receipt':'RB%u','invoice':'IC%u','amount':'12.34'}",
        r, r, r);
    say(w, "{'type':'refund','id':'RF%u','receipt':'RB%u','amount':'5.00'}", r, r);
    say(w, "{'type':'refund','id':'RX%u','receipt':'RB%u','amount':'5000'}", r, r);
    say(w,
        "{'type':'chargeback','id':'CB%u','receipt':'RB%u','amount':'7.00','fee':'1.50',"
        "'account':'B0'}",
        r, r);
    say(w,
        "{'type':'chargeback_reverse','id':'CW%u','chargeback':'CB%u','amount':'3.00','fee':'0.50',"
        "'reason':'won'}",
        r, r);
    say(w, "{'type':'chargeback_reverse','id':'CV%u','chargeback':'CB%u','account':'B0'}", r, r);
    say(w, "{'type':'chargeback_reverse','id':'CT%u','chargeback':'CB%u'}", r, r);
    say(w,
        "{'type':'receipt_reverse','id':'RR%u','receipt':'RU%u','amount':'11.11','fee':'2',"
        "'account':'B0'}",
        r, r);
    say(w,
        "{'type':'receipt','id':'RD%u','amount':'80','currency':'USD','references':['ID%u'],"
        "'fx_rate':'0.9%u'}",
        r, r, r);
}

static void corrections(struct writing *w, unsigned r)
{
    say(w, "{'type':'credit_note','id':'CN%u','invoice':'IB%u','amount':'4.00','reason':'late'}", r,
        r);
    say(w, "{'type':'credit_note','key':'cn%u','customer':'C2','amount':{'net':'3','tax':'0'}}", r);
    say(w, "{'type':'credit_note','id':'CX%u','invoice':'IB%u','amount':'4000'}", r, r);
    say(w, "{'type':'credit_note','id':'CK%u','customer':'C2','amount':{'net':'6','tax':'1'}}", r);
    say(w, "{'type':'credit_note_cancel','key':'ck%u','credit_note':'CK%u','reason':'slip'}", r, r);
    say(w, "{'type':'credit_note_cancel','key':'cl%u','credit_note':'CN%u'}", r, r);
    say(w, "{'type':'write_off','id':'WO%u','invoice':'IB%u','amount':'1.00','reason':'small'}", r,
        r);
    say(w, "{'type':'write_off_reverse','id':'WR%u','write_off':'WO%u','amount':'0.40'}", r, r);
    say(w, "{'type':'write_off_reverse','id':'WS%u','write_off':'WO%u','reason':'paid'}", r, r);
    say(w, "{'type':'stock','key':'st%u','product':'P%u','kind':'%s','quantity':'%u'}", r,
        1 + r % 3, r % 4 == 3 ? "count" : "receive", 60 + r);
    say(w,
        "{'type':'customer','id':'C2','key':'cv%u','name':'customer 2','currency':'EUR',"
        "'credit_limit':null,'net_days':%u}",
        r, 5 + r);
}

static void statement(struct writing *w, unsigned r)
{
    for (int twice = 0; twice < 2; twice++)
        say(w,
            "{'type':'statement','id':'ST%u','key':'st-%u','account':'B0','currency':'EUR','lines':"
            "["
            "{'amount':'20.00','bank_ref':'L%u-1','text':'part','references':['IB%u'],"
            "'advice':[{'document':'IB%u','amount':'20.00','discount':'0.40'}]},"
            "{'amount':'-20.00','bank_ref':'L%u-2','text':'back','references':['IB%u'],"
            "'reversal':true},{'amount':'15.5%u','bank_ref':'L%u-3','text':'who'},"
            "{'amount':'-3.00','bank_ref':'L%u-4','text':'fee'}]}",
            r, r, r, r, r, r, r, r % 10, r, r);
}

/* A notice with the parts of a batch; the statement of the day tells their sum, and one line more. */
static void interim(struct writing *w, unsigned r)
{
    say(w,
        "{'type':'statement','id':'IN%u','account':'B0','currency':'EUR','interim':true,'lines':["
        "{'amount':'4.00','booking_date':'2024-02-01','bank_ref':'B%u-1','batch':1},"
        "{'amount':'5.0%u','booking_date':'2024-02-01','bank_ref':'B%u-2','batch':2},"
        "{'amount':'1.5%u','booking_date':'2024-02-01','bank_ref':'B%u-3'}]}",
        r, r, r % 10, r, r % 10, r);
    say(w,
        "{'type':'statement','id':'IN%u','account':'B0','currency':'EUR','lines':["
        "{'amount':'9.0%u','booking_date':'2024-02-01','bank_ref':'B%u'},"
        "{'amount':'1.5%u','booking_date':'2024-02-01','bank_ref':'B-%u/3'},"
        "{'amount':'0.01','booking_date':'2024-02-01','bank_ref':'B%u-4'}]}",
        r, r % 10, r, r % 10, r, r);
}

/* In two parts: nothing of the first is posted before the second is there, a part being a slice then. */
static void statement_parts(struct writing *w, unsigned r)
{
    for (int part = 1; part <= 2; part++)
        say(w,
            "{'type':'statement','id':'SP%u','key':'sp%u-%d','account':'B0','currency':'EUR',"
            "'part':%d%s,'lines':[{'amount':'7.00','bank_ref':'P%u-%d-1','references':['IC%u']},"
            "{'amount':'-2.5%u','bank_ref':'P%u-%d-2','text':'fee'}]}",
            r, r, part, part, part == 2 ? ",'parts':2" : "", r, part, r, r % 10, r, part);
    say(w, "{'type':'statement','id':'SP%u','account':'B0','currency':'EUR','part':4,'lines':["
           "{'amount':'1.00','bank_ref':'P%u-4'}]}", r, r);
}

/* Decisions of people and of the machine about one pair; a parked receipt; an account that is learned. */
static void decisions(struct writing *w, unsigned r)
{
    say(w,
        "{'type':'receipt','id':'RM%u','amount':'9.00','currency':'EUR','customer':'C0','payer':"
        "{'account':'DE %u'}}",
        r, r);
    say(w,
        "{'type':'application','id':'AM%u','receipt':'RM%u','invoice':'IC%u','amount':'2.00','match':"
        "{'rule':6,'points':80,'reason':'nearly','runner_up':{'rule':7,'points':40,'documents':"
        "[{'id':'IB%u','amount':'2.00'}],'missing':'needs 70'},'candidates':[{'rule':8,'points':30}]}}",
        r, r, r, r);
    say(w, "{'type':'application_reverse','key':'mr%u','application':'AM%u','by':'ann'}", r, r);
    say(w,
        "{'type':'application','id':'AN%u','receipt':'RM%u','invoice':'IC%u','match':{'rule':5}}",
        r, r, r);
    say(w, "{'type':'application','id':'AP%u','receipt':'RM%u','invoice':'IC%u','amount':'1.00'}", r,
        r, r);
    say(w, "{'type':'application_reverse','key':'mx%u','application':'AP%u','by':'florin'}", r, r);
    say(w, "{'type':'application','key':'pk%u','receipt':'RM%u','park':true}", r, r);
    say(w,
        "{'type':'receipt','id':'RN%u','amount':'1.00','currency':'EUR','payer':{'account':"
        "'de-%u'}}",
        r, r);
}

static void disputes(struct writing *w, unsigned r)
{
    say(w,
        "{'type':'invoice','id':'IT%u','customer':'C2','amount':{'net':'90','tax':'0'},"
        "'instalments':[{'due_date':'2025-06-0%u','amount':'40'},{'due_date':'2025-05-01','amount':"
        "'50'}]}",
        r, 1 + r % 9);
    say(w,
        "{'type':'invoice','id':'IU%u','customer':'C2','amount':{'net':'90','tax':'0'},"
        "'instalments':[{'due_date':'2025-06-01','amount':'40'}]}",
        r);
    for (int twice = 0; twice < 2; twice++)
        say(w, "{'type':'dispute','id':'DI%u','invoice':'IT%u','amount':'60','reason':'damaged'}", r,
            r);
    say(w, "{'type':'dispute','id':'DJ%u','invoice':'IT%u','amount':'31','reason':'late'}", r, r);
    say(w, "{'type':'dispute','id':'DK%u','invoice':'IT%u','amount':'30','reason':'late'}", r, r);
    say(w,
        "{'type':'dispute_close','key':'dc%u','dispute':'DI%u','outcome':'upheld','credit':'CD%u'}",
        r, r, r);
    say(w, "{'type':'dispute_close','key':'dd%u','dispute':'DK%u','outcome':'rejected'}", r, r);
    say(w, "{'type':'dispute_close','key':'de%u','dispute':'DK%u','outcome':'upheld'}", r, r);
    for (int twice = 0; twice < 2; twice++)
        say(w, "{'type':'promise','id':'PR%u','invoice':'IT%u','date':'2025-04-%02u','amount':'5'}",
            r, r, 5 + 3 * r);
    say(w, "{'type':'promise','id':'PS%u','customer':'C0','date':'2025-05-01','amount':'5'}", r);
    say(w, "{'type':'promise','id':'PT%u','customer':'C0','date':'2024-05-01','amount':'5'}", r);
}

/* Chargebacks that were won: one told first, one by a line that says so, two by a payout. */
static void won(struct writing *w, unsigned r)
{
    say(w, "{'type':'chargeback','id':'CL%u','receipt':'RA%u','amount':'9.00','fee':'1.00'}", r, r);
    say(w, "{'type':'chargeback_reverse','id':'CM%u','chargeback':'CL%u','amount':'2.00'}", r, r);
    say(w,
        "{'type':'statement','id':'SR%u','key':'sr%u','account':'B0','currency':'EUR','lines':["
        "{'amount':'2.00','bank_ref':'R%u-1','end_to_end':'CM%u'},{'amount':'1.00','bank_ref':"
        "'R%u-2'}]}",
        r, r, r, r, r);
    say(w, "{'type':'assign','key':'aw%u','line':'B0/R%u-2','chargeback':'CL%u'}", r, r, r);
    say(w,
        "{'type':'payout','id':'PW%u','currency':'EUR','processor':'PAY','amount':'3.25','parts':["
        "{'kind':'chargeback','ref':'RA%u','amount':'2.00','fee':'-1.00'},{'kind':'chargeback',"
        "'ref':'none','amount':'0.50','fee':'0.25'}]}",
        r, r);
}

/* A charge of an order's invoice, one of nothing, one that was in transit; what goes back; and whose the bank's lines
 * are. */
static void payouts(struct writing *w, unsigned r)
{
    say(w, "{'type':'receipt','id':'RT%u','amount':'12.00','currency':'EUR','customer':'C2'}", r);
    say(w, "{'type':'refund','id':'RG%u','receipt':'RT%u','amount':'2.00'}", r, r);
    for (int twice = 0; twice < 2; twice++)
        say(w,
            "{'type':'payout','id':'PO%u','currency':'EUR','processor':'PAY','amount':'30.75','parts':"
            "[{'kind':'charge','ref':'SO%u','amount':'25.00','fee':'0.75'},{'kind':'charge','ref':"
            "'ch_%u','amount':'3.00'},{'kind':'charge','ref':'RT%u','amount':'12.00','fee':'0.50'},"
            "{'kind':'fee','amount':'-1.00'},{'kind':'refund','ref':'RG%u','amount':'-2.00'},"
            "{'kind':'chargeback','ref':'RA%u','amount':'-3.00','fee':'1.00'},{'kind':'reserve',"
            "'amount':'-1.00'},{'kind':'adjustment','ref':'income:recoveries','amount':'0.50'},"
            "{'kind':'refund','ref':'none','amount':'-0.50'}]}",
            r, r, r, r, r, r);
    say(w,
        "{'type':'payout','id':'PX%u','currency':'EUR','processor':'PAY','amount':'30.00','parts':"
        "[{'kind':'charge','amount':'25.00'}]}",
        r);
    say(w,
        "{'type':'statement','id':'SQ%u','key':'sq%u','account':'B0','currency':'EUR','pages':2,'note':'n','balances':"
        "[{'code':'CLAV','date':'2025-04-01','amount':'1.5%u'}],'lines':[{'amount':'30.75','bank_ref':"
        "'Q%u-1','customer_ref':'PO%u'},{'amount':'-4.00','bank_ref':'Q%u-2','text':'fee'},"
        "{'amount':'0.25','bank_ref':'Q%u-3','text':'interest'},{'amount':'-1.00','bank_ref':"
        "'Q%u-4'}]}",
        r, r, r % 10, r, r, r, r, r);
    say(w, "{'type':'assign','key':'as%u','line':'B0/Q%u-2','account':'expenses:bank_charges'}", r,
        r);
    say(w, "{'type':'assign','key':'at%u','line':'B0/Q%u-2','account':'expenses:bank_charges'}", r,
        r);
    say(w, "{'type':'assign','key':'ax%u','line':'B0/Q%u-2','account':'income:fx'}", r, r);
    say(w, "{'type':'assign','key':'ay%u','line':'B0/Q%u-2','account':'income:fx','by':'florin'}", r,
        r);
    say(w, "{'type':'assign','key':'az%u','line':'B0/Q%u-2','account':'liabilities:suspense'}", r,
        r);
    say(w, "{'type':'assign','key':'au%u','line':'B0/Q%u-3','account':'income:recoveries'}", r, r);
    say(w, "{'type':'assign','key':'aa%u','line':'B0/Q%u-3','account':'expenses:bank_charges'}", r,
        r);
    if (r % 2)
        say(w, "{'type':'assign','key':'ab%u','line':'B0/Q%u-3','account':'liabilities:unidentified'}",
            r, r);
    say(w, "{'type':'assign','key':'av%u','line':'B0/Q%u-4','receipt':'RB%u'}", r, r, r);
    won(w, r);
}

/* One that fails at its third member leaves nothing of the first two. */
static void batches(struct writing *w, unsigned r)
{
    for (int twice = 0; twice < 2; twice++)
        say(w,
            "{'type':'batch','key':'ba%u','commands':["
            "{'type':'invoice','id':'BI%u','customer':'C2','amount':{'net':'10','tax':'1.90'}},"
            "{'type':'receipt','id':'BR%u','amount':'11.90','currency':'EUR','references':"
            "['BI%u']},{'type':'receipt','id':'BS%u','amount':'1.00','currency':'EUR',"
            "'customer':'C2'}]}",
            r, r, r, r, r);
    say(w,
        "{'type':'batch','key':'bx%u','commands':["
        "{'type':'receipt','id':'BT%u','amount':'1.00','currency':'EUR','customer':'C2'},"
        "{'type':'invoice','customer':'C2','amount':{'net':'10','tax':'1.90'}},"
        "{'type':'application','receipt':'BT%u','invoice':'none','amount':'1'}]}",
        r, r, r);
}

static void write_all(struct writing *w)
{
    masters(w);
    for (unsigned r = 0; r < ROUNDS; r++) {
        if (r > 0)
            say(w, "{'type':'clock','key':'cl%u','date':'2025-04-%02u'}", r, 2 + 3 * r);
        orders(w, r);
        invoices(w, r);
        receipts(w, r);
        corrections(w, r);
        statement(w, r);
        statement_parts(w, r);
        interim(w, r);
        decisions(w, r);
        disputes(w, r);
        payouts(w, r);
        batches(w, r);
        if (r % 3 == 2)
            say(w, "{'type':'period_close','key':'pc%u','through':'2025-03-%02u'}", r, 10 + r);
    }
}

/* ---- the model ---- */

static void member(void *context, uint32_t index, const struct fl_result *result)
{
    (void)index;
    fl_script_answer_add(context, result);
}

struct deciding {
    struct fl_engine_script *script;
    struct fl_engine *engine;
    uint32_t at; /* the step */
};

/* A record more: the state after it stands for its sequence. */
static void note_record(struct deciding *d)
{
    uint64_t seq = fl_engine_seq(d->engine);
    struct fl_engine_script *script = d->script;
    script->digests = realloc(script->digests, (seq + 1) * sizeof *script->digests);
    script->steps_done = realloc(script->steps_done, (seq + 1) * sizeof *script->steps_done);
    cr_assert(script->digests && script->steps_done);
    script->digests[seq] = fl_engine_digest_now(d->engine);
    script->steps_done[seq] = seq ? d->at + 1 : 0;
    script->last_seq = seq;
}

static void slice(void *context, const struct fl_command *command, const struct fl_result *result)
{
    struct deciding *d = context;
    cr_assert_eq(command->type, FL_COMMAND_SLICE);
    cr_assert_eq(result->status, FL_OK);
    note_record(d);
    d->script->slices++;
}

/* One command, and the job that it began. */
static void decide(struct deciding *d)
{
    struct fl_script_step *step = &d->script->steps[d->at];
    struct fl_command *copy = copy_of(step->command);
    struct fl_result result;
    const struct fl_member_sink sink = {member, &step->answer};
    const struct fl_slice_sink slices = {slice, d};
    result.tag = 0;
    step->status = fl_engine_apply(d->engine, copy, &result, &sink);
    if (step->status != FL_OK && step->status != FL_DUPLICATE)
        step->answer.used = 0; /* members' answers that were taken back */
    uint32_t job = fl_engine_job_of(d->engine, copy, step->status);
    uint64_t before = d->script->last_seq, seq = fl_engine_seq(d->engine);
    cr_assert_eq(seq, before + (step->status == FL_OK));
    if (seq > before)
        note_record(d);
    else
        cr_assert_eq(fl_engine_digest_now(d->engine), d->script->digests[seq],
                     "a refusal changed something");
    cr_assert_eq(fl_engine_run_jobs(d->engine, &slices), FL_OK);
    step->has_job = job != 0;
    if (job != 0)
        fl_engine_job_answer(d->engine, job, &result);
    fl_script_answer_add(&step->answer, &result);
    step->seq = fl_engine_seq(d->engine);
    free(copy);
}

void fl_engine_script_make(struct fl_engine_script *script)
{
    memset(script, 0, sizeof *script);
    script->config = (struct fl_engine_config){
        .memory_bytes = UINT64_C(64) << 20, .rows_max = 1u << 13, .secret = 77};
    struct writing w = {.script = script};
    cr_assert_eq(fl_command_json_open(&w.reader, "UTC", 3), FL_OK);
    cr_assert_eq(fl_instant_parse("2025-04-01T09:00:00Z", 20, &w.reader.now_us), FL_OK);
    write_all(&w);
    fl_command_json_close(&w.reader);
    struct fl_engine *engine;
    cr_assert_eq(fl_engine_create(&script->config, &engine), FL_OK);
    struct deciding d = {.script = script, .engine = engine};
    note_record(&d);
    for (; d.at < script->count; d.at++)
        decide(&d);
    fl_engine_destroy(engine);
}

void fl_engine_script_free(struct fl_engine_script *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        free(script->steps[i].command);
        free(script->steps[i].answer.bytes);
    }
    free(script->steps);
    free(script->digests);
    free(script->steps_done);
}
