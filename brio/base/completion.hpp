// Completion of what is typed in a shell. The scripts are thin: they ask the program itself, with
// `PROGRAM completion words WORD…`, so that what they offer is what that very program takes.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <brio/base/usage.hpp>

namespace brio {

struct Completion {
    struct Candidate {
        std::string text;  // the whole word
        std::string help;
    };
    std::vector<Candidate> candidates;  // those that begin as the last word does
    bool files = false;                 // and the names of files
};

/// `words` are what stands behind the program's name, up to the cursor; the last one, which may be empty, is
/// completed. "--a=b" may come as one word or as bash cuts it, in three.
Completion complete(const Usage& usage, std::span<const std::string> words);

/// A line for each candidate, help behind a tab, and ":files" where they are due.
std::string completion_lines(const Completion& completion);

/// A script for "bash", "zsh" or "fish"; nothing for another shell. Requires a program's name that is a
/// word of letters, digits, '-', '_' and '.'.
std::optional<std::string> completion_script(std::string_view shell, std::string_view program);

/// The command `completion` as every program has it: `completion SHELL` and the one that scripts ask.
Usage completion_usage();

struct PrintedCompletion {
    std::string text;
    std::string error;  // bad use; empty: none
};
/// Carries it out; `words` stand behind `completion`.
PrintedCompletion print_completion(const Usage& usage, std::span<const std::string> words);

}  // namespace brio
