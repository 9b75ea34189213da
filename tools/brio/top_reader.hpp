// Asks the processes that `brio top` looks at, all at once.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "admin.hpp"
#include "top_state.hpp"

namespace brio::tool {

/// What is asked for beside what every page shows: answers that are long, or cost the server something.
struct Wanted {
    bool queries = true;
};

/// For one loop.
class TopReader {
public:
    static constexpr std::size_t most_processes = 64;

    struct Options {
        std::vector<std::string> urls;  // as admin_url_of() gives them
        bool follows_all = false;       // the other processes that the first one knows of, too
        std::string token = {};
        std::chrono::milliseconds timeout{3'000};
    };
    explicit TopReader(Options options);
    TopReader(const TopReader&) = delete;
    TopReader& operator=(const TopReader&) = delete;

    /// Asks all of them once. A process that does not answer keeps what it said before, and its problem is
    /// told. Throws Cancelled only.
    Async<void> read(Wanted wanted);
    const TopState& state() const noexcept { return state_; }
    /// Why there is nothing to show: the first problem, when nobody has answered yet; empty: somebody has.
    std::string failure() const;

private:
    Async<void> read_one(std::size_t at, Wanted wanted);
    void take_in_others();
    void forget_gone();

    Options options_;
    AdminClient client_;
    std::deque<Admin> admins_;
    TopState state_;
};

}  // namespace brio::tool
