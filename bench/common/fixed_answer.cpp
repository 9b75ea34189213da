#include <bench/common/fixed_answer.hpp>

#include <CLI/CLI.hpp>
#include <bench/common/core.hpp>
#include <fstream>
#include <sstream>

namespace bench {

std::optional<FixedAnswerOptions> fixed_answer_options(int argc, char** argv, const char* purpose,
                                                       int& exit_status) {
    FixedAnswerOptions options;
    std::string path;
    int core = -1;
    CLI::App app(purpose);
    app.add_option("--port", options.port, "port on 127.0.0.1")->capture_default_str();
    app.add_option("--core", core, "core to run on; -1: any")->capture_default_str();
    app.add_option("--answer", path, "file with the whole answer, head and body")
        ->required()
        ->check(CLI::ExistingFile);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        exit_status = app.exit(error) == 0 ? 0 : 2;
        return std::nullopt;
    }
    pin_to_core(core);
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    options.answer = text.str();
    return options;
}

}  // namespace bench
