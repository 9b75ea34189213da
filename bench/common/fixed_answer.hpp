// The command line of the servers that give one fixed answer to every GET.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace bench {

struct FixedAnswerOptions {
    std::uint16_t port = 8090;
    std::string answer;  // the whole answer, head and body, as it goes out
};

/// Reads the options, pins the process to --core and loads the file of --answer. Nothing when the command
/// line asked for help or was wrong: then what to say has been printed and `exit_status` is set.
std::optional<FixedAnswerOptions> fixed_answer_options(int argc, char** argv, const char* purpose,
                                                       int& exit_status);

}  // namespace bench
