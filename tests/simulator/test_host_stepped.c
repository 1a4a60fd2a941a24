/* A host without threads on a simulated disk: places that a real disk is too quick, or too sound,
 * to reach. */
#include <criterion/criterion.h>

#include "storage/disk_sim.h"
#include "storage/host_internal.h"
#include "tests/support/host_fixture.h"

#define WAITING 4600

static struct fl_host_fixture f;
static struct fl_disk *disk;

static void open_on_disk(void)
{
    f.config.disk = disk;
    f.config.stepped = true;
    f.config.checkpoints = f.path;
    cr_assert_eq(fl_host_open("/shop", &f.config, &f.host, &f.error), FL_OK, "%s", f.error.message);
    cr_assert_eq(fl_producer_open(f.host, &f.producer), FL_OK);
}

static void setup(void)
{
    fl_host_fixture_begin(&f, 2000, 51);
    cr_assert_eq(fl_disk_sim_create(51, &disk), FL_OK);
    cr_assert_eq(fl_directory_create(disk, "/shop", &f.error), FL_OK);
    f.config.segment_bytes = 8u << 20;
    open_on_disk();
}

static void teardown(void)
{
    fl_disk_close(disk);
    fl_host_fixture_end(&f);
}

TestSuite(host_stepped, .init = setup, .fini = teardown, .timeout = 120);

static uint64_t send_until_failure(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        enum fl_status status;
        while ((status = fl_producer_send(f.producer, f.commands[i], i)) == FL_BUSY)
            (void)fl_host_step(f.host, FL_HOST_APPLY);
        if (status == FL_IO_ERROR)
            return i;
    }
    while (!atomic_load(&f.host->failed))
        (void)fl_host_step(f.host, FL_HOST_APPLY);
    return count;
}

/* A disk that answers nothing for long, and then fails. */
Test(host_stepped, o2_thousands_of_waiting_answers_take_a_place_a_block_and_are_told_of_a_failure)
{
    fl_disk_sim_set_faults(
        disk, &(struct fl_disk_sim_faults){.late_ppm = 999990, .write_error_ppm = 1000000});
    cr_assert_gt(f.count, WAITING);
    send_until_failure(WAITING);
    cr_assert_gt(f.producer->pending_count, 1, "one block holds all of them");
    cr_assert_leq(f.producer->pending_count, FL_WAL_BLOCKS + 1);
    const struct fl_result *result = fl_producer_receive(f.producer, true);
    cr_assert(result && result->status == FL_IO_ERROR);
    cr_assert_null(fl_producer_receive(f.producer, true));
    cr_assert_eq(fl_host_close(f.host, &f.error), FL_IO_ERROR);
    fl_disk_sim_revive(disk);
    open_on_disk();
    uint64_t seq = fl_engine_seq(fl_host_engine(f.host));
    cr_assert_eq(fl_engine_digest_now(fl_host_engine(f.host)),
                 fl_host_fixture_model_digest(&f, seq));
    cr_assert_eq(fl_host_close(f.host, &f.error), FL_OK, "%s", f.error.message);
}

/* A checkpoint is written by the caller's own steps, and the next opening begins at it. */
Test(host_stepped, a_checkpoint_is_taken_between_the_callers_steps)
{
    for (uint64_t i = 0; i < 900; i++) {
        cr_assert_eq(fl_producer_send(f.producer, f.commands[i], i), FL_OK);
        (void)fl_host_step(f.host, FL_HOST_APPLY);
        if (i == 500)
            cr_assert_eq(fl_host_checkpoint(f.host, &f.error), FL_OK, "%s", f.error.message);
    }
    cr_assert_eq(fl_host_close(f.host, &f.error), FL_OK, "%s", f.error.message);
    open_on_disk();
    struct fl_host_facts facts;
    fl_host_facts(f.host, &facts);
    cr_assert_eq(facts.checkpoint_seq, 501);
    cr_assert_eq(facts.recovered_seq, 900);
    cr_assert_eq(fl_engine_digest_now(fl_host_engine(f.host)),
                 fl_host_fixture_model_digest(&f, 900));
    cr_assert_eq(fl_host_close(f.host, &f.error), FL_OK);
}
