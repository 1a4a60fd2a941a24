#include "bench/bench_checkpoint.h"

#include <unistd.h>

#include "bench/bench_directory.h"
#include "storage/checkpoint_reader.h"
#include "storage/directory.h"

struct load {
    double bytes_per_s, entries_per_s;
};

static uint64_t values_bytes(const struct fl_checkpoint_root *root)
{
    uint64_t bytes = 0;
    for (unsigned column = 0; column < FL_COLUMN_COUNT; column++) {
        uint32_t chunks = fl_checkpoint_chunks(column, root->rows);
        for (uint32_t k = 0; k < chunks; k++)
            bytes += fl_checkpoint_chunk_bytes(column, k, root->rows);
    }
    return bytes;
}

/* What the state of this bench has in its indexes. */
static uint64_t entries(const uint32_t *rows)
{
    return (uint64_t)rows[FL_TABLE_customer] + rows[FL_TABLE_product] + rows[FL_TABLE_invoice] +
           rows[FL_TABLE_receipt] + rows[FL_TABLE_account_day];
}

static enum fl_status load_timed(struct fl_bench_directory *d, const uint8_t id[16],
                                 struct fl_engine *engine, struct load *load)
{
    struct fl_checkpoint_proved proved = {.leftovers = false};
    double start = fl_bench_now_s();
    FL_TRY(fl_checkpoint_load(d->path, FL_CHECKPOINT_A, id, fl_engine_store(engine), &proved, NULL,
                              NULL, &d->error));
    double loaded = fl_bench_now_s();
    fl_engine_rebuild(engine);
    double rebuilt = fl_bench_now_s();
    load->bytes_per_s = (double)values_bytes(&proved.root) / (loaded - start);
    load->entries_per_s = (double)entries(proved.root.rows) / (rebuilt - loaded);
    fl_checkpoint_manifest_free(&proved.manifest);
    return FL_OK;
}

static enum fl_status load_once(struct fl_bench_directory *d, const uint8_t id[16],
                                struct load *load)
{
    uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    struct fl_engine_config config = {.memory_bytes = all / 4 * 3, .secret = 0x5eed};
    struct fl_engine *engine = NULL;
    FL_TRY(fl_engine_create(&config, &engine));
    enum fl_status status = load_timed(d, id, engine, load);
    fl_engine_destroy(engine);
    return status;
}

static bool loads_run(struct fl_bench_directory *d, struct fl_figure_table *table)
{
    struct fl_disk *disk;
    struct fl_directory folder;
    struct load load = {0, 0};
    double bytes[FL_FIGURE_RUNS_MAX], made[FL_FIGURE_RUNS_MAX];
    if (fl_disk_open(FL_DISK_THREADS, &disk, &d->error) != FL_OK)
        return fl_bench_directory_say(d, "checkpoint");
    enum fl_status status = fl_directory_open(disk, d->path, FL_DIRECTORY_READ, &folder, &d->error);
    uint32_t run = 0;
    for (; status == FL_OK && run < d->options->runs; run++) {
        status = load_once(d, folder.id, &load);
        bytes[run] = load.bytes_per_s;
        made[run] = load.entries_per_s;
    }
    fl_disk_close(disk);
    if (status != FL_OK)
        return fl_bench_directory_say(d, "checkpoint");
    fl_figure_table_add_samples(table, "checkpoint_load", "B/s", bytes, run);
    fl_figure_table_add_samples(table, "index_rebuild", "entries/s", made, run);
    return true;
}

bool fl_bench_checkpoint(const struct fl_bench_options *options, struct fl_figure_table *table)
{
    struct fl_bench_directory d;
    bool good = fl_bench_directory_open(&d, options, (size_t)256 << 20);
    if (good) {
        fl_bench_directory_masters(&d);
        fl_bench_directory_invoices(&d, options->size);
        for (uint32_t i = 0; i < options->size / 10; i++) {
            fl_bench_add_receipt(&d.commands, i, i * 10);
            if (d.commands.count == 100000 || i + 1 == options->size / 10) {
                fl_bench_directory_send(&d);
                fl_bench_commands_clear(&d.commands);
            }
        }
        good = fl_host_checkpoint(d.host, &d.error) == FL_OK ||
               fl_bench_directory_say(&d, "checkpoint");
    }
    good = fl_bench_directory_stop(&d) && good;
    good = good && loads_run(&d, table);
    return fl_bench_directory_close(&d) && good;
}
