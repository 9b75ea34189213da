#include <brio/app/review_command.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <brio/app/admin_caller.hpp>
#include <brio/app/review_collector.hpp>
#include <brio/base/clock.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/review_findings.hpp>
#include <brio/watch/review_writers.hpp>

namespace brio::app {

namespace {

constexpr std::chrono::seconds patience{30};

// By the file's name where nothing else is said.
watch::ReviewFormat format_of(const ReviewWords& words) {
    if (auto const asked = watch::review_format(words.format)) {
        return *asked;
    }
    auto const dot = words.file.rfind('.');
    auto const ending = dot == words.file.npos ? "" : words.file.substr(dot + 1);
    return watch::review_format(ending).value_or(watch::ReviewFormat::markdown);
}

void say(const Program& program, std::string_view words) {
    std::fputs(concat({program.name, ": ", words, "\n"}).c_str(), stderr);
}

std::optional<std::string> from_running(const Settings& settings, const ReviewWords& words,
                                        watch::ReviewFormat format) {
    if (settings.admin_port == 0) {
        return std::nullopt;
    }
    AdminCaller caller(settings, {.timeout = patience});
    try {
        auto const target = concat({"/review?since=", words.since, "&format=", name_of(format)});
        return std::string(caller.call("GET", target).body());
    } catch (const NobodyAnswers&) {  // the file has something
        return std::nullopt;
    }
}

std::optional<std::string> from_file(const Program& program, const Settings& settings,
                                     std::chrono::seconds since, watch::ReviewFormat format) {
    auto const now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch());
    auto const facts = read_review(program, settings, since, now);
    return facts ? std::optional(watch::write_review(watch::review_of(*facts), format)) : std::nullopt;
}

}  // namespace

int review_program(const Program& program, const Settings& settings, const ReviewWords& words) {
    auto const since = watch::review_length(words.since);
    if (!since) {
        say(program, concat({"--since ", watch::review_length_words}));
        return 2;
    }
    auto const format = format_of(words);
    auto text = from_running(settings, words, format);
    if (!text) {
        text = from_file(program, settings, *since, format);
        if (!text) {
            say(program, concat({"the program does not run at the admin port, and there is no history in \"",
                                 settings.goals_file, "\": nothing can be told"}));
            return 1;
        }
        say(program, concat({"the program does not run: this is of its history in ", settings.goals_file}));
    }
    if (words.file.empty()) {
        std::fwrite(text->data(), 1, text->size(), stdout);
    } else if (!watch::replace_file(words.file, *text)) {
        throw std::runtime_error(concat({"cannot write ", words.file, ": ", ::strerror(errno)}));
    }
    return 0;
}

}  // namespace brio::app
