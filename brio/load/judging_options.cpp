#include <brio/load/judging.hpp>
#include <brio/load/output_file.hpp>

#include <CLI/CLI.hpp>

namespace brio::load {

void add_judging(CLI::App& app, JudgingWords& words) {
    app.add_option_function<std::vector<std::string>>(
           "--goal",
           [&words](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) {
                   auto goal = parse_threshold(text);
                   if (!goal) {
                       throw CLI::ValidationError(goal.error());
                   }
                   words.goals.push_back(std::move(*goal));
               }
           },
           "what is to hold, repeatable: 'p99<50ms', 'error_rate<1%', 'p95{GET /a}<20ms'")
        ->type_name("GOAL")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--abort", words.aborts, "end the run as soon as a goal cannot be held any more");
    app.add_option("--json", words.json_file, "write all of it as JSON")
        ->type_name("FILE")
        ->check(writing_fault);
    app.add_option("--html", words.html_file, "write it as one page with charts, which needs nothing else")
        ->type_name("FILE")
        ->check(writing_fault);
    app.add_option("--csv", words.csv_prefix,
                   "write PREFIX_stats.csv, PREFIX_stats_history.csv and PREFIX_failures.csv, as Locust does")
        ->type_name("PREFIX");
    app.add_option("--junit", words.junit_file, "write goals and checks as tests, which CI systems show")
        ->type_name("FILE")
        ->check(writing_fault);
    app.add_option("--compare", words.compare_files, "with an earlier run, a file of --json; repeatable")
        ->type_name("FILE")
        ->expected(1)
        ->check(CLI::ExistingFile)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    auto* finds = app.add_flag("--find-limit", words.finds_limit,
                               "search the highest rate that holds every goal, and say what breaks first");
    app.add_option("--admin", words.admin,
                   "with --find-limit: the server's admin port, which says where its time goes")
        ->type_name("URL")
        ->needs(finds);
}

}  // namespace brio::load
