#include <brio/app/review_task.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include <brio/app/listing.hpp>
#include <brio/base/log.hpp>
#include <brio/base/text.hpp>
#include <brio/watch/goal_history.hpp>
#include <brio/watch/review_writers.hpp>

namespace brio::app {

namespace {

constexpr std::size_t told = 5;  // of what to do first

Async<watch::Review> ask(ReviewDesk& desk, std::int64_t since_seconds) {
    auto const& settings = desk.settings;
    if (settings.admin_port == 0) {
        throw tasks::Permanent(
            "the program has no admin port (BRIO_ADMIN_PORT=0): nobody can be asked for a review");
    }
    http::OutboundOptions options;
    if (!settings.admin_token.empty()) {
        options.headers.emplace_back("Authorization", concat({"Bearer ", settings.admin_token}));
    }
    auto const url = concat({url_of(settings.admin_host, settings.admin_port),
                             "/review?format=json&since=", integer_text(since_seconds / 60), "m"});
    auto const answer = co_await http::Outbound(desk.client, desk.offload)
                            .send({.method = "GET", .url = url, .options = std::move(options)});
    co_return answer.as<watch::Review>();
}

// Why not is said in the log alone: who knows a task's id may read its error, and the address can be a
// secret.
Async<void> tell(ReviewDesk& desk, const watch::Review& review, const std::string& file) {
    ReviewSummary summary{.program = review.program,
                          .at = review.at,
                          .since = review.since,
                          .headline = review.headline,
                          .first = review.first,
                          .file = file};
    summary.first.resize(std::min(summary.first.size(), told));
    std::string why;
    try {
        auto const answer =
            co_await http::Outbound(desk.client, desk.offload).post(desk.settings.alert_url, summary);
        if (answer.is_success()) {
            co_return;
        }
        why = concat({"it answers ", integer_text(answer.status)});
    } catch (const http::OutboundFailed& failed) {
        why = failed.what();
    }
    log_warning("nobody takes the review at BRIO_ALERT_URL", {{"file", file}, {"error", why}});
    throw std::runtime_error("the review is written, but BRIO_ALERT_URL does not take it: the log says why");
}

}  // namespace

std::string review_file_name(std::string_view program, Timestamp tick, std::string_view format) {
    auto time = tick.text().substr(0, 19);  // 2026-11-26T06:00:00
    std::erase(time, ':');
    return concat({program, "-review-", time, "Z.", format});
}

std::string keep_review(const WriteReview& task, std::string_view program, std::string_view text) {
    namespace fs = std::filesystem;
    const fs::path folder = task.folder;
    std::error_code failed;
    fs::create_directories(folder, failed);
    auto const path = (folder / review_file_name(program, task.tick, task.format)).native();
    if (failed || !watch::replace_file(path, text)) {
        throw std::runtime_error(concat(
            {"cannot write ", path, ": ", failed ? failed.message() : std::string(::strerror(errno))}));
    }
    auto const prefix = concat({program, "-review-"});
    std::vector<fs::path> reviews;  // of any format
    for (auto const& each : fs::directory_iterator(folder)) {
        if (each.path().filename().native().starts_with(prefix) &&
            watch::review_format(each.path().extension().native().substr(
                std::min<std::size_t>(1, each.path().extension().native().size())))) {
            reviews.push_back(each.path());
        }
    }
    std::ranges::sort(reviews);  // their names go by time
    for (std::size_t i = 0; i + task.kept < reviews.size(); ++i) {
        fs::remove(reviews[i], failed);
    }
    return path;
}

Async<ReviewWritten> write_review(WriteReview task, AtDesk desk, http::Offload offload) {
    auto const format = watch::review_format(task.format);
    if (!format) {
        throw tasks::Permanent(concat({"a review is html, md or json, not ", task.format}));
    }
    auto const review = co_await ask(*desk, task.since_seconds);
    auto const file = co_await offload(
        [&] { return keep_review(task, desk->program, watch::write_review(review, *format)); });
    log_info("a review is written", {{"file", file}, {"headline", review.headline}});
    if (!desk->settings.alert_url.empty()) {
        co_await tell(*desk, review, file);
    }
    co_return ReviewWritten{.file = file, .headline = review.headline};
}

}  // namespace brio::app
