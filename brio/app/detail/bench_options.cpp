#include <brio/app/detail/bench_options.hpp>

#include <CLI/CLI.hpp>

namespace brio::app::detail {

void add_bench(CLI::App& root, CommandLine& line, bool has_database, bool has_seed) {
    auto* bench = root.add_subcommand(
        "bench", "what requests of this program take and cost, judged by goals and budgets");
    bench->callback([&line] { line.verb = Verb::bench; });
    auto& words = line.bench;
    bench
        ->add_option(
            "requests", words.requests,
            "as 'GET /api/a?page=2' or 'POST /api/a {\"name\":\"b\"}' (those of the budgets' file, or "
            "every GET route without parameters)")
        ->type_name("");
    bench
        ->add_option("--budgets", words.budgets,
                     "requests and what each may cost (bench.budgets, if it is there)")
        ->type_name("FILE");
    bench->add_flag("--write-budgets", words.writes_budgets, "write what is counted now into that file");
    bench->add_flag("--counts", words.counts_only,
                    "count only: statements, allocations, bytes, system calls; the same on every machine");
    bench->add_flag("--socket", words.over_socket, "ask over TCP instead of within the process");
    if (has_database) {
        bench
            ->add_option("--database", words.database,
                         "measure on this one as it is: requests that write do so")
            ->type_name("URL");
    }
    if (has_database && has_seed) {
        bench->add_option("--rows", words.rows, "of the database that is made and seeded (10000)")
            ->type_name("N")
            ->excludes("--database");
    }
    bench->add_option("--rounds", words.rounds, "of every request (20)")
        ->type_name("N")
        ->check(CLI::Range(3, 10'000));
    bench->add_option("--round-ms", words.round_ms, "length of a round (50)")
        ->type_name("MS")
        ->check(CLI::Range(1, 60'000));
    bench->add_option("--cold", words.cold, "processes whose first request is timed (5); 0: none")
        ->type_name("N")
        ->check(CLI::Range(0, 1000));
    bench->add_option("--against", words.against, "compare with this program, in turns")
        ->type_name("PROGRAM");
    bench->add_option("--against-env", words.against_env, "compare with this program under another setting")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    bench->add_option("--json", words.json, "write all figures there")->type_name("FILE");
    bench->add_option("--junit", words.junit, "write what passes as tests, which CI systems show")
        ->type_name("FILE");
    bench->add_flag("--quiet", line.quiet, "say nothing but what does not pass");
    bench->add_flag("--subject", words.is_subject)->group("");
}

}  // namespace brio::app::detail
