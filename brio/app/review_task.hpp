// The task that writes a review into a folder, for App::schedule_review.
//
// It asks the server process at the admin port, as `review` does: a worker alone has nothing to tell. Writing
// once more writes the same file, whose name follows from the tick.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include <brio/app/settings.hpp>
#include <brio/http/client.hpp>
#include <brio/http/offload.hpp>
#include <brio/reflect/timestamp.hpp>
#include <brio/tasks/give.hpp>
#include <brio/watch/review.hpp>

namespace brio::app {

struct WriteReview {
    Timestamp tick;
    std::string folder;
    std::int64_t since_seconds = 0;
    std::uint32_t kept = 0;
    std::string format;
    static constexpr tasks::Policy policy{.name = "brio.review", .deadline = std::chrono::seconds(60)};
};
struct ReviewWritten {
    std::string file;
    std::string headline;
};

/// What BRIO_ALERT_URL gets, by POST.
struct ReviewSummary {
    std::string program;
    Timestamp at;
    std::string since;
    std::string headline;
    std::vector<watch::ReviewAction> first;  // at most five
    std::string file;
};

/// What the task needs of the program.
struct ReviewDesk {
    std::string program;
    const Settings& settings;
    runtime::OffloadPool& offload;
    // One request at a time of each run: the tasks that run at once bound it, far below its own bounds.
    http::Client client = http::Client({.timeout = std::chrono::seconds(40)});
};
/// A desk as the task's parameter.
class AtDesk {
public:
    explicit AtDesk(ReviewDesk& desk) noexcept : desk_(&desk) {}
    ReviewDesk& operator*() const noexcept { return *desk_; }
    ReviewDesk* operator->() const noexcept { return desk_; }

private:
    ReviewDesk* desk_;
};

/// Throws std::runtime_error with what could not be asked, written or told; Permanent when there is nobody to
/// ask.
Async<ReviewWritten> write_review(WriteReview task, AtDesk desk, http::Offload offload);

/// "shop-review-2026-11-26T060000Z.html".
std::string review_file_name(std::string_view program, Timestamp tick, std::string_view format);
/// Writes it in one step, and removes the oldest reviews of the program in the folder until `kept` are left.
/// Makes the folder if it is missing. Gives the path; throws std::runtime_error.
std::string keep_review(const WriteReview& task, std::string_view program, std::string_view text);

}  // namespace brio::app

template <>
struct brio::tasks::Give<brio::app::AtDesk> {
    using Service = brio::app::ReviewDesk;
    static brio::app::AtDesk from(TaskContext& context) {
        return brio::app::AtDesk(context.services.get<brio::app::ReviewDesk>());
    }
};
